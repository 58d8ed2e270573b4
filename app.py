"""The app: ``streamlit run app.py``."""

import streamlit as st

from pages.shared import shell

st.set_page_config(page_title="E_in-style", page_icon=":material/checkroom:", layout="wide")
shell.prepare_process()
shell.navigate().run()
