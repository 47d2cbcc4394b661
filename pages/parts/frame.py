"""What stands at the top of every page: the sandbox's line, the mirror's state, unfinished plans, the last outcome."""

from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.callbacks import Notice
from pages.parts.plans import draw_undo_button, draw_unfinished
from pages.parts.sandbox import draw_sandbox
from pages.parts.snippets import STYLESHEET, age, escape_markdown, label_css, plural
from triage.sandbox import SandboxError
from triage.services import SANDBOX_REFRESH_SECONDS, Services, open_services
from triage.settings import SettingsError
from triage.store import StoreError
from triage.workspace import Workspace, open_workspace

NOTICE_LOOK = {
    "done": ("check_circle", "green"),
    "undone": ("undo", "green"),
    "given_up": ("block", "gray"),
    "waiting": ("hourglass_top", "orange"),
    "stopped": ("front_hand", "orange"),
    "busy": ("front_hand", "orange"),
}


def open_page() -> Workspace:
    """Draws the top of a page and gives the repository it is about; stops the run where there is nothing to show."""
    st.html(f"<style>{STYLESHEET}</style>")
    try:
        services = open_services()
        bar = st.container(horizontal=True, vertical_alignment="center", key="status")
        with st.container():
            repository = _choose_repository(services, bar)
        workspace = open_workspace(repository)
        st.html(f"<style>{label_css(workspace.label_colours)}</style>")
        _draw_status(workspace, bar)
        if workspace.mirrored is None or workspace.mirrored.synced_at is None:
            workspace = _first_sync(workspace)
            if workspace.mirrored and workspace.mirrored.synced_at:
                st.rerun()  # the line above was drawn when nothing was known yet
        services.watch(repository)
        # Containers that stay: what comes and goes in them must not make anew what stands below, where somebody types.
        with st.container():
            _draw_problem(workspace)
        with st.container():
            draw_unfinished(workspace)
        with st.container():
            _draw_notice(workspace)
    except (SettingsError, StoreError, SandboxError) as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    return workspace


def _choose_repository(services: Services, bar: DeltaGenerator) -> str:
    """The repository that the address or the person names; the first one where neither does."""
    configured = services.settings.repositories
    asked = st.query_params.get("repository", "")
    known = {name.casefold(): name for name in configured}
    if asked and asked.casefold() not in known:
        st.warning(
            f"The repository “{escape_markdown(asked)}” in the address is not in TRIAGE_REPOSITORIES; "
            f"showing {configured[0]} instead. Add it there and restart the dashboard.",
            icon=":material/warning:",
        )
    if len(configured) == 1:
        return configured[0]
    shown: str | None = st.session_state.get("shown")
    wanted = known.get(asked.casefold()) or shown or configured[0]
    if shown not in (None, wanted):
        _leave_repository()
    st.session_state["shown"] = st.session_state["repository"] = st.query_params["repository"] = wanted
    with bar:
        look: dict[str, Any] = {"label_visibility": "collapsed", "width": 230}
        st.selectbox("Repository", configured, key="repository", on_change=_take_repository, **look)
    return wanted


def _take_repository() -> None:
    """The person's choice goes into the address, where the next run reads it."""
    st.query_params["repository"] = st.session_state["repository"]
    st.query_params.pop("issue", None)


def _leave_repository() -> None:
    """Nothing of one repository's issues may show under the same numbers of another."""
    asked = st.query_params.get("issue")
    st.session_state.clear()
    if asked:
        st.query_params["issue"] = asked


def _draw_status(workspace: Workspace, bar: DeltaGenerator) -> None:
    with bar:
        _draw_live_status(workspace)
        if workspace.services.sandbox is not None:
            draw_sandbox(workspace)
        if st.button("Refresh", key="sync", icon=":material/sync:", help="Check GitHub for updates now"):
            _sync(workspace, "Checking GitHub for updates")
            st.rerun()


def _draw_live_status(workspace: Workspace) -> None:
    """The mirror's line, drawn anew by itself; a change in the mirror draws the whole page anew."""
    services, repository = workspace.services, workspace.repository
    every = SANDBOX_REFRESH_SECONDS / 2 if services.sandbox else 10.0

    @st.fragment(run_every=every)
    def live() -> None:
        if repository in services.watched:
            services.watch(repository)
        fresh = open_workspace(repository)
        if fresh.version != workspace.version:
            st.rerun(scope="app")
        st.html(f'<div class="triage-status">{_status_words(fresh)}</div>')

    live()


def _status_words(workspace: Workspace) -> str:
    mirrored = workspace.mirrored
    url = escape(workspace.github.url)
    words = [f'<b><a href="{url}" target="_blank" rel="noopener">{escape(workspace.repository)}</a></b>']
    if workspace.services.sandbox is not None:
        words.append('<span class="triage-sandbox">Sandbox: nothing leaves this machine</span>')
    if mirrored and mirrored.synced_at:
        counts = workspace.store.count_issues(workspace.repository)
        words.append(f"{plural(counts.open, 'open issue')} {age(mirrored.synced_at, workspace.now, prefix='read ')}")
    rate = workspace.services.gateway.rate_limit
    if rate is not None:
        exact = f"The limit of {rate.limit:,} requests an hour resets at {rate.reset_at:%H:%M} UTC"
        words.append(f'<span title="{exact}">{rate.remaining:,} requests left</span>')
    if workspace.person:
        exact = "Comments are posted and labels are added under this name"
        words.append(f'<span title="{exact}">as <b>{escape(workspace.person)}</b></span>')
    return "".join(f"<span>{word}</span>" for word in words)


def _first_sync(workspace: Workspace) -> Workspace:
    """Reads the repository for the first time, with progress, above a sketch of the page to come."""
    place = st.empty()
    with place.container():
        said = st.empty()
        left, right = st.columns([4, 7])
        left.skeleton(height=420)
        right.skeleton(height=420)
        with said:
            _sync(workspace, f"Reading {workspace.repository} for the first time")
    place.empty()
    return open_workspace(workspace.repository)


def _sync(workspace: Workspace, words: str) -> None:
    with st.status(words, expanded=False) as status:

        def say(step: str, count: int) -> None:
            status.update(label=f"{words}: {step}, {count:,} so far")

        workspace.services.refresh(workspace.repository, say, full=True)


def _draw_problem(workspace: Workspace) -> None:
    if workspace.store.notice:
        st.warning(workspace.store.notice, icon=":material/healing:")
    problem = workspace.services.problems.get(workspace.repository)
    if problem:
        st.error(problem, icon=":material/cloud_off:")
    if workspace.mirrored is None:
        st.stop()
    if workspace.why_read_only and not problem:
        st.warning(workspace.why_read_only, icon=":material/lock:")


def _draw_notice(workspace: Workspace) -> None:
    """What became of the last click, until something else happens or the person closes it."""
    notice = _bring_up_to_date(workspace, st.session_state.get("notice"))
    if notice is None:
        return
    icon, colour = NOTICE_LOOK.get(notice.state, ("error", "red"))
    number = f"#{notice.number}"
    about = "" if not notice.number or number in notice.sentence else f"{number}: "
    with st.container(horizontal=True, vertical_alignment="center", key="notice"):
        st.markdown(f":{colour}[:material/{icon}:] {escape_markdown(about + notice.sentence)}", width="stretch")
        if notice.offers_undo:
            with st.popover("Undo", icon=":material/undo:"):
                draw_undo_button(workspace, notice.number, notice.plan_id)
        look: dict[str, Any] = {"icon": ":material/close:", "type": "tertiary", "help": "Close"}
        st.button("", key="notice-read", on_click=lambda: st.session_state.pop("notice", None), **look)


def _bring_up_to_date(workspace: Workspace, notice: Notice | None) -> Notice | None:
    """A plan that waited has its own row until it is done; then the notice says what became of it."""
    if notice is None or notice.state != "waiting":
        return notice
    plan = workspace.store.load_plan(notice.plan_id)
    if plan is None or plan.unfinished:
        return None
    found = Notice(plan.state, plan.sentence, notice.number, notice.plan_id)
    st.session_state["notice"] = found
    return found
