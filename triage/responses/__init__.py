"""A template document -> ResponseTemplate; issue + finding + template -> Suggestion; the linter. Pure."""

from triage.responses.choosing import choose_template
from triage.responses.folder import TemplateFolder, check_templates, load_templates
from triage.responses.inert_text import plain
from triage.responses.linter import read_template
from triage.responses.problems import Problem, TemplateError
from triage.responses.rendering import SuggestedLabel, Suggestion, suggest_response
from triage.responses.template import Ask, LabelRule, Match, ResponseTemplate, Variant

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
    "load_templates",
    "plain",
    "read_template",
    "suggest_response",
]
