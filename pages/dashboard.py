"""The entry script: page config and navigation; nothing else."""

import streamlit as st

st.set_page_config(page_title="Import-error triage", page_icon=":material/inbox:", layout="wide")
pages = [
    st.Page(
        "queue.py",
        title="Queue",
        icon=":material/inbox:",
        default=True,
        help="Open issues that mention import errors, and a suggested response to each.",
    ),
    st.Page(
        "closure.py",
        title="Closure",
        icon=":material/checklist:",
        help="Answered issues: what the reporter said since, the closure criteria, and the close.",
    ),
    st.Page(
        "templates.py",
        title="Templates",
        icon=":material/description:",
        help="The response templates: what each matches, what the linter says, a trial on any issue.",
    ),
    st.Page(
        "activity.py",
        title="Activity",
        icon=":material/history:",
        help="The journal of what was posted, labelled and closed, by whom, with undo.",
    ),
]
st.navigation(pages, position="top").run()
