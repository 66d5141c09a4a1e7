"""Code for one exact call, in eleven languages. Keys appear only as environment variables.

call         what is sent, with marks where keys stand
literals     JSON values and texts, quoted for Python, JavaScript and the shell
sdk          what an OpenAI or Anthropic package is given, so that it sends the same
python       httpx, openai, anthropic, websockets
javascript   fetch, openai, the AI SDK, WebSocket
plain        cURL, the list of a universal request
worker       the binding of a Worker
languages    the table, and ``write``
"""

from gateway.snippets.call import Call, call_of
from gateway.snippets.languages import LANGUAGES, Language, Snippet, write

__all__ = ["LANGUAGES", "Call", "Language", "Snippet", "call_of", "write"]
