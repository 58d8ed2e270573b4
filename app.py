"""The app: ``streamlit run app.py``."""

from pathlib import Path

import streamlit as st

from pages.shared import shell

st.set_page_config(
    page_title="E_in-style",
    page_icon=Path(__file__).parent / "pages" / "shared" / "favicon.png",
    layout="wide",
)
shell.prepare_process()
shell.navigate().run()
