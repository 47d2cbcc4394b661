"""The server: Streamlit's pages; the services that they open end with the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from triage.services import shut_services


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """The time between the process's start and its end. The first page that is drawn opens the services."""
    try:
        yield
    finally:
        shut_services()


app = st.App("pages/dashboard.py", lifespan=lifespan)
