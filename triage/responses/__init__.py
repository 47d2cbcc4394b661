"""A template document -> ResponseTemplate; issue + finding + template -> Suggestion; the linter. Pure."""

from triage.responses.folder import TemplateFolder
from triage.responses.front_matter import Ask
from triage.responses.inert_text import plain
from triage.responses.jinja import is_variant_placed, run_expression, run_response
from triage.responses.linter import check_templates, load_templates, read_template
from triage.responses.problems import Problem, TemplateError
from triage.responses.reading import LabelRule, Match, ResponseTemplate, Variant, phrase_pattern
from triage.responses.rendering import (
    SuggestedLabel,
    Suggestion,
    choose_template,
    find_rendering_problem,
    suggest_response,
)

__all__ = [
    "Ask",
    "LabelRule",
    "Match",
    "Problem",
    "ResponseTemplate",
    "SuggestedLabel",
    "Suggestion",
    "TemplateError",
    "TemplateFolder",
    "Variant",
    "check_templates",
    "choose_template",
    "find_rendering_problem",
    "is_variant_placed",
    "load_templates",
    "phrase_pattern",
    "plain",
    "read_template",
    "run_expression",
    "run_response",
    "suggest_response",
]
