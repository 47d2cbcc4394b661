"""A template document -> ResponseTemplate; issue + finding + template -> Suggestion; the linter. Pure."""

from triage.responses.folder import TemplateFolder, check_templates, choose_template, load_templates
from triage.responses.inert_text import plain
from triage.responses.linter import read_template
from triage.responses.problems import Problem, TemplateError
from triage.responses.rendering import Suggestion, suggest_response
from triage.responses.template import Match, ResponseTemplate

__all__ = [
    "Match",
    "Problem",
    "ResponseTemplate",
    "Suggestion",
    "TemplateError",
    "TemplateFolder",
    "check_templates",
    "choose_template",
    "load_templates",
    "plain",
    "read_template",
    "suggest_response",
]
