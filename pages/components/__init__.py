"""Parts that live in the browser: Streamlit components, a folder each: HTML, CSS, JavaScript and the Python around."""
