"""The one object that pages use.

workbench   where chats can go, and everything that one can ask
lab         experiments: planned, run, kept
ran         one run as the records keep it
answer      one running or finished call, read from any thread
places      the gateways of this installation: started, found, checked
"""

from gateway.workbench.answer import Answer, Snapshot
from gateway.workbench.lab import Lab
from gateway.workbench.places import Health
from gateway.workbench.ran import Results, Run
from gateway.workbench.workbench import Workbench

__all__ = ["Answer", "Health", "Lab", "Results", "Run", "Snapshot", "Workbench"]
