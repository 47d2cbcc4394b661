"""The entry script: page config and navigation; nothing else."""

import streamlit as st

from triage import session

st.set_page_config(page_title="Import-error triage", page_icon=":material/inbox:", layout="wide")
session.navigate().run()
