"""What passes through the house: a chat goes out, a reply or a failure comes back.

    Chat + Options  ->  Target  ->  Reply | Failure
    Exchange = all of it in one row, with times and cost

None of these classes knows a wire format: ``dialects`` writes and reads those.
"""

from gateway.chat.answer import (
    CallNumbers,
    Completion,
    Delta,
    Finish,
    Gathered,
    ToolCallPart,
    Usage,
)
from gateway.chat.exchange import Cost, Exchange, Failure, Reply, Sent, Target, Times
from gateway.chat.question import (
    Chat,
    Image,
    Message,
    Role,
    Route,
    Step,
    Tool,
    ToolCall,
    Transport,
    say,
)

__all__ = [
    "CallNumbers",
    "Chat",
    "Completion",
    "Cost",
    "Delta",
    "Exchange",
    "Failure",
    "Finish",
    "Gathered",
    "Image",
    "Message",
    "Reply",
    "Role",
    "Route",
    "Sent",
    "Step",
    "Target",
    "Times",
    "Tool",
    "ToolCall",
    "ToolCallPart",
    "Transport",
    "Usage",
    "say",
]
