"""The composition root of the pages: navigation, and the process's services for the settings as they are.

The only module of triage/ that imports streamlit.
"""

import os
import threading

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from triage.services import Services, start_services
from triage.settings import Settings, load_secrets, read_settings


def navigate() -> StreamlitPage:
    """The four pages, and the one that the address names."""
    pages = [
        st.Page(
            "pages/queue.py",
            title="Queue",
            icon=":material/inbox:",
            default=True,
            help="Open issues that mention import errors, and a suggested response to each.",
        ),
        st.Page(
            "pages/closure.py",
            title="Closure",
            icon=":material/checklist:",
            help="Answered issues: what the reporter said since, the closure criteria, and the close.",
        ),
        st.Page(
            "pages/templates.py",
            title="Templates",
            icon=":material/description:",
            help="The response templates: what each matches, what the linter says, a trial on any issue.",
        ),
        st.Page(
            "pages/activity.py",
            title="Activity",
            icon=":material/history:",
            help="The journal of what was posted, labelled and closed, by whom, with undo.",
        ),
    ]
    page = st.navigation(pages, position="top")
    st.session_state["entered"] = True
    return page


def enter() -> None:
    """Sees to it that the entry script has run.

    The first visit after a server start that goes straight to a page's address runs that page without app.py; calling
    the navigation and starting again puts that right, and the address with its query survives.
    """
    if not st.session_state.get("entered"):
        navigate()
        st.rerun()


_OPENED: dict[Settings, Services] = {}
_OPENING = threading.Lock()


def open_services() -> Services:
    """The process's services for the settings as they are now.

    Raises SettingsError, StoreError or SandboxError, each with one sentence for the person.
    """
    settings = read_settings(os.environ, load_secrets())
    with _OPENING:
        services = _OPENED.get(settings)
        if services is None:
            services = _OPENED[settings] = start_services(settings)
        return services


def shut_services() -> None:
    """Ends all that was opened."""
    with _OPENING:
        while _OPENED:
            _, services = _OPENED.popitem()
            services.shut()
