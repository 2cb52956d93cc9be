"""The pages of the app. Streamlit runs main.py; the others are named there."""
