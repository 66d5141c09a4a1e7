"""Everything that isn't drawing. Imports only go down; neighbours on a floor don't know each other.

8  sessions                                              conversations kept and shared
7  conversation                                          columns, turns, what one can keep
6  workbench ratings                                     the one object pages use; verdicts
5  frames lint paste presets snippets                    tables; advice; calls read and written
-  draft                                                 a call before it is sent
-  websocket management realtime                         a gateway over its other wires
4  settings loop client records local                    one outside thing each
-  wire                                                  one small interface over HTTP clients
3  dialects pricing logs evidence                        rules about nouns
2  chat policy sharing form                              what passes through the house
1  headers providers codes limits masking plain sse showcase sources   words: what things are called
0  errors                                                everything that can go wrong
"""
