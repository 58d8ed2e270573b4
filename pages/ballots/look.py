"""Styles of the A/B test page; fixed text, never a user's."""

VOTING = """
<style>
/* A voter sees two pictures and three buttons. The page's title stays for those who listen to it. */
[data-testid="stHeading"]:has(h1) { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
.stMainBlockContainer { padding-top: 4rem; padding-bottom: 1rem; }
.st-key-voting-focus { position: absolute; }
.st-key-question p { font: 600 1.25rem/1.3 "Source Serif", serif; overflow-wrap: anywhere; }
[class*="st-key-ballot-pair"] [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; gap: 1rem; }
[class*="st-key-ballot-pair"] [data-testid="stColumn"] { min-width: 0; flex: 1 1 0; }
[class*="st-key-ballot-pair"] [data-testid="stImage"] img {
  width: 100%; height: calc(100dvh - 17.5rem); min-height: 11rem; object-fit: contain;
  background: var(--st-secondary-background-color);
}
.st-key-ballot-buttons button { min-height: 3.2rem; }
.st-key-ballot-buttons button p { font-size: 1.05rem; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-top: 3.6rem; }
  .st-key-question p { font-size: 1.1rem; }
  [class*="st-key-ballot-pair"] [data-testid="stHorizontalBlock"] { gap: .5rem; }
  [class*="st-key-ballot-pair"] [data-testid="stHorizontalBlock"] { flex-direction: column; }
  [class*="st-key-ballot-pair"] [data-testid="stColumn"] { width: 100%; flex: none; }
  [class*="st-key-ballot-pair"] [data-testid="stImage"] img { height: calc(50dvh - 9.4rem); min-height: 9rem; }
  .st-key-ballot-buttons button { padding-left: .4rem; padding-right: .4rem; }
}
/* Tall pictures on a short phone are larger beside each other. */
@media (max-width: 640px) and (max-height: 739px) {
  .st-key-ballot-pair-tall [data-testid="stHorizontalBlock"] { flex-direction: row; }
  .st-key-ballot-pair-tall [data-testid="stColumn"] { width: auto; flex: 1 1 0; }
  .st-key-ballot-pair-tall [data-testid="stImage"] img { height: min(calc(100dvh - 18rem), 68vw); }
}
@media (hover: none), (max-width: 640px) { .st-key-ballot-buttons kbd { display: none; } }
</style>
"""

READING = """
<style>
[class*="st-key-ab-"] [data-testid="stImage"] img {
  width: 100%; height: 16rem; object-fit: contain; background: var(--st-secondary-background-color);
}
[class*="st-key-small-"] [data-testid="stImage"] img { height: 7rem; }
[class*="st-key-ab-"] [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
[class*="st-key-ab-"] [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 0; flex: 1 1 0; }
.st-key-qr img { max-width: 15rem; }
</style>
"""
