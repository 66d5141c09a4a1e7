"""Calls as people have them in their clipboards; every key in them is made up."""

# ruff: noqa: E501, UP031 - pasted text keeps its lines and braces

from dataclasses import dataclass, field

BASE = "https://gateway.ai.cloudflare.com/v1/0123456789abcdef0123456789abcdef/prod"
KEY = "sk-proj-" + "a1B2" * 8 + "wxyz"
TOKEN = "cfut_" + "c3D4" * 8 + "qrst"


@dataclass(frozen=True)
class Sample:
    """One pasted text, and what it must be read as."""

    id: str
    text: str
    provider: str = "openai"
    model: str = "gpt-4o-mini"
    route: str = "native"
    prompt: str = "Hello"
    stream: bool = False
    options: dict = field(default_factory=dict)
    raw: tuple = ()
    secrets: int = 0
    unread: tuple = ()
    shape: str = "cURL"


BODY = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'

CURL = [
    Sample(
        "docs, provider-native",
        f"""curl -X POST {BASE}/openai/chat/completions \\
  --header 'Authorization: Bearer $OPENAI_API_KEY' \\
  --header 'cf-aig-authorization: Bearer {TOKEN}' \\
  --header 'Content-Type: application/json' \\
  --data '{{
    "model": "gpt-4o-mini",
    "messages": [{{"role": "user", "content": "Hello"}}]
  }}'""",
        raw=("cf-aig-authorization",),
        secrets=1,
        unread=("Authorization",),
    ),
    Sample(
        "docs, unified",
        f"""curl -X POST {BASE}/compat/chat/completions \\
  --header 'Authorization: Bearer {KEY}' \\
  --header 'Content-Type: application/json' \\
  --data '{{"model": "google-ai-studio/gemini-2.5-flash",
    "messages": [{{"role": "user", "content": "Hello"}}]}}'""",
        provider="google-ai-studio",
        model="gemini-2.5-flash",
        route="compat",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "docs, caching headers",
        f"""curl {BASE}/openai/chat/completions \\
  -H "Authorization: Bearer {KEY}" \\
  -H 'Content-Type: application/json' \\
  -H 'cf-aig-cache-ttl: 3600000' \\
  -H 'cf-aig-cache-key: responseA' \\
  -d '{BODY}'""",
        options={"cache_key": "responseA"},
        raw=("Authorization", "cf-aig-cache-ttl"),
        secrets=1,
    ),
    Sample(
        "docs, metadata and cost",
        f"""curl {BASE}/openai/chat/completions \\
  --header 'cf-aig-metadata: {{"team": "AI", "user": 12345, "test":true}}' \\
  --header 'cf-aig-custom-cost: {{"per_token_in":0.000001,"per_token_out":0.000002}}' \\
  --header 'content-type: application/json' --data '{BODY}'""",
        options={
            "metadata": {"team": "AI", "user": 12345, "test": True},
            "custom_cost": {"per_token_in": 0.000001, "per_token_out": 0.000002},
        },
    ),
    Sample(
        "docs, universal",
        f"""curl {BASE} -H 'Content-Type: application/json' -d '[
  {{"provider": "workers-ai", "endpoint": "@cf/meta/llama-3.1-8b-instruct",
   "headers": {{"Authorization": "Bearer {TOKEN}", "Content-Type": "application/json"}},
   "config": {{"requestTimeout": 1000, "maxAttempts": 2}},
   "query": {{"messages": [{{"role": "user", "content": "Hello"}}]}}}},
  {{"provider": "openai", "endpoint": "chat/completions",
   "headers": {{"Authorization": "Bearer {KEY}", "cf-aig-cache-ttl": "0"}},
   "query": {{"model": "gpt-4o-mini", "messages": [{{"role": "user", "content": "Hello"}}]}}}}]'""",
        provider="workers-ai",
        model="@cf/meta/llama-3.1-8b-instruct",
        route="universal",
        secrets=2,
    ),
    Sample(
        "docs, REST",
        f"""curl https://api.cloudflare.com/client/v4/accounts/0123/ai/v1/chat/completions \\
  -H "Authorization: Bearer {TOKEN}" -H "cf-aig-gateway-id: prod" \\
  -H "Content-Type: application/json" \\
  -d '{{"model":"openai/gpt-4.1","messages":[{{"role":"user","content":"Hello"}}]}}'""",
        model="gpt-4.1",
        route="rest",
        options={"gateway_id": "prod"},
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "docs, REST run with a model in the path",
        f"""curl https://api.cloudflare.com/client/v4/accounts/0123/ai/run/@cf/meta/llama-3.1-8b-instruct \\
  -H 'Authorization: Bearer {TOKEN}' \\
  -d '{{"messages":[{{"role":"user","content":"Hello"}}]}}'""",
        provider="workers-ai",
        model="@cf/meta/llama-3.1-8b-instruct",
        route="rest",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "docs, Anthropic",
        f"""curl {BASE}/anthropic/v1/messages \\
  --header "x-api-key: {KEY}" --header "anthropic-version: 2023-06-01" \\
  --header "content-type: application/json" \\
  --data '{{"model":"claude-sonnet-4-5","max_tokens":1024,
  "messages":[{{"role":"user","content":"Hello"}}]}}'""",
        provider="anthropic",
        model="claude-sonnet-4-5",
        raw=("x-api-key",),
        secrets=1,
    ),
    Sample(
        "docs, Google with a key in the URL",
        f"""curl "{BASE}/google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent?key=AIza{"x" * 35}" \\
  -H 'Content-Type: application/json' \\
  -d '{{"contents":[{{"role":"user","parts":[{{"text":"Hello"}}]}}]}}'""",
        provider="google-ai-studio",
        model="gemini-2.5-flash",
        secrets=1,
    ),
    Sample(
        "Google, streamed",
        f"""curl '{BASE}/google-ai-studio/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse' \\
  --json '{{"contents":[{{"parts":[{{"text":"Hello"}}]}}]}}'""",
        provider="google-ai-studio",
        model="gemini-2.5-flash",
        stream=True,
    ),
    Sample(
        "docs, Workers AI native",
        f"""curl --request POST --url {BASE}/workers-ai/@cf/meta/llama-3.1-8b-instruct \\
  --header 'Authorization: Bearer {TOKEN}' --header 'Content-Type: application/json' \\
  --data '{{"prompt": "Hello"}}'""",
        provider="workers-ai",
        model="@cf/meta/llama-3.1-8b-instruct",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "provider's own documentation",
        f"""curl https://api.openai.com/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $OPENAI_API_KEY" \\
  -d '{BODY}'""",
        unread=("Authorization",),
    ),
    Sample(
        "placeholder in angle brackets",
        f"""curl {BASE}/openai/chat/completions -H 'Authorization: Bearer <YOUR_API_KEY>' -d '{BODY}'""",
        raw=("Authorization",),
    ),
    Sample(
        "Chrome, bash",
        f"""curl '{BASE}/openai/chat/completions' \\
  -H 'accept: */*' \\
  -H 'accept-language: en-GB,en;q=0.9' \\
  -H 'authorization: Bearer {KEY}' \\
  -b 'session=abc; theme=dark' \\
  -H 'content-type: application/json' \\
  -H 'origin: https://app.example.com' \\
  -H 'priority: u=1, i' \\
  -H 'sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"' \\
  -H 'sec-ch-ua-mobile: ?0' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \\
  --data-raw $'{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":"Hello\\u0021 It\\'s"}}]}}'""",
        prompt="Hello! It's",
        raw=("authorization",),
        secrets=2,
    ),
    Sample(
        "Chrome, cmd",
        f"""curl ^"{BASE}/openai/chat/completions^" ^
  -H ^"accept: */*^" ^
  -H ^"authorization: Bearer {KEY}^" ^
  -H ^"content-type: application/json^" ^
  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"142^\\^"^" ^
  --data-raw ^"^{{^\\^"model^\\^":^\\^"gpt-4o-mini^\\^",^\\^"messages^\\^":^[^{{^\\^"role^\\^":^\\^"user^\\^",^\\^"content^\\^":^\\^"Hello^\\^"^}}^]^}}^"
""",
        raw=("authorization",),
        secrets=1,
    ),
    Sample(
        "Windows cmd by hand",
        f"""curl -X POST "{BASE}/openai/chat/completions" ^
  -H "Content-Type: application/json" ^
  -H "cf-aig-skip-cache: true" ^
  -d "{{\\"model\\":\\"gpt-4o-mini\\",\\"messages\\":[{{\\"role\\":\\"user\\",\\"content\\":\\"Hello\\"}}]}}"
""",
        options={"skip_cache": True},
    ),
    Sample(
        "Firefox",
        f"""curl '{BASE}/openai/chat/completions' --compressed -X POST -H 'User-Agent: Mozilla/5.0' -H 'Accept: application/json' -H 'Accept-Language: en-US,en;q=0.5' -H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Referer: https://app.example.com/' -H 'Content-Type: application/json' -H 'Authorization: Bearer {KEY}' -H 'Connection: keep-alive' -H 'Sec-Fetch-Mode: cors' --data-raw '{BODY}'""",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "Safari",
        f"""curl '{BASE}/openai/chat/completions' \\
-X 'POST' \\
-H 'Accept: */*' \\
-H 'Authorization: Bearer {KEY}' \\
-H 'Content-Type: application/json' \\
-H 'Content-Length: 83' \\
-H 'Priority: u=3, i' \\
--data-binary '{BODY}'""",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "Postman",
        f"""curl --location '{BASE}/openai/chat/completions' \\
--header 'Content-Type: application/json' \\
--header 'Authorization: Bearer {{{{openai_key}}}}' \\
--header 'cf-aig-max-attempts: 3' \\
--header 'cf-aig-retry-delay: 500' \\
--data '{BODY}'""",
        options={"max_attempts": 3, "retry_delay": 500},
        unread=("Authorization",),
    ),
    Sample(
        "Insomnia",
        f"""curl --request POST \\
  --url {BASE}/openai/chat/completions \\
  --header 'Authorization: Bearer {KEY}' \\
  --header 'Content-Type: application/json' \\
  --header 'User-Agent: insomnia/11.0.2' \\
  --data '{BODY}'""",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "double quotes with escapes",
        f"""curl {BASE}/openai/chat/completions -d "{BODY.replace('"', chr(92) + '"')}" """,
    ),
    Sample(
        "here-document",
        f"""curl -sS {BASE}/openai/chat/completions -H "Content-Type: application/json" -d @- <<'EOF'
{BODY}
EOF
""",
    ),
    Sample(
        "echo into standard input", f"echo '{BODY}' | curl -d @- {BASE}/openai/chat/completions"
    ),
    Sample(
        "pipe into jq",
        f"curl -s {BASE}/openai/chat/completions -d '{BODY}' | jq -r '.choices[0].message.content'",
    ),
    Sample("json option", f"curl --json '{BODY}' {BASE}/openai/chat/completions"),
    Sample(
        "short options stuck together",
        f"""curl -sSLXPOST -H'Content-Type:application/json' -Hcf-aig-backoff:linear {BASE}/openai/chat/completions -d'{BODY}'""",
        options={"backoff": "linear"},
    ),
    Sample(
        "basic authentication",
        f"curl -u user:{KEY} {BASE}/openai/chat/completions -d '{BODY}'",
        raw=("Authorization",),
        secrets=1,
    ),
    Sample(
        "repeated headers",
        f"""curl {BASE}/openai/chat/completions -H 'cf-aig-event-id: one' -H 'CF-AIG-Event-ID: two' -d '{BODY}'""",
        options={"event_id": "one"},
        raw=("CF-AIG-Event-ID",),
    ),
    Sample(
        "timeouts and retries of the client",
        f"""curl --max-time 30 --connect-timeout 5 --retry 3 --retry-delay 2 -N {BASE}/openai/chat/completions -d '{BODY}'""",
    ),
    Sample(
        "files of another machine",
        f"""curl {BASE}/openai/chat/completions -H @headers.txt -d @body.json""",
        model="",
        prompt="",
        unread=("A header", "--data"),
    ),
    Sample(
        "quote never closed",
        f"""curl {BASE}/openai/chat/completions -d '{{"model":"gpt-4o-mini" """,
        model="",
        prompt="",
        unread=("A quotation mark", "The body"),
    ),
    Sample(
        "header without a colon",
        f"""curl {BASE}/openai/chat/completions -H 'cf-aig-skip-cache true' -d '{BODY}'""",
        unread=("A header",),
    ),
    Sample(
        "prompt sign and comment",
        f"""$ curl {BASE}/openai/chat/completions \\
  -H 'cf-cache-ttl: 60' \\
  -d '{BODY}'
# prints the answer""",
        raw=("cf-cache-ttl",),
    ),
    Sample(
        "broken lines without marks",
        f"""curl {BASE}/openai/chat/completions
  -H 'cf-aig-collect-log: false'
  -d '{BODY}'""",
        options={"collect_log": False},
    ),
    Sample(
        "streamed, unified, typographic host case",
        f"""curl {BASE}/compat/chat/completions -d '{{"model":"anthropic/claude-sonnet-4-5","stream":true,"messages":[{{"role":"user","content":"Hello"}}]}}'""",
        provider="anthropic",
        model="claude-sonnet-4-5",
        route="compat",
        stream=True,
    ),
    Sample(
        "dynamic route",
        f"""curl {BASE}/compat/chat/completions -H "cf-aig-authorization: Bearer $CF_AIG_TOKEN" -d '{{"model":"dynamic/support","messages":[{{"role":"user","content":"Hello"}}]}}'""",
        provider="compat",
        model="dynamic/support",
        route="compat",
        unread=("cf-aig-authorization",),
    ),
    Sample(
        "custom domain",
        f"""curl https://ai.example.com/openai/v1/chat/completions -d '{BODY}'""",
    ),
    Sample(
        "local gateway",
        f"""curl http://127.0.0.1:8787/v1/local/demo/openai/chat/completions -d '{BODY}'""",
    ),
    Sample(
        "data in the query",
        f"""curl -G {BASE}/openai/models --data-urlencode 'q=a b' -d limit=5""",
        model="",
        prompt="",
    ),
    Sample(
        "address that is nobody's",
        """curl https://example.com/api -H 'cf-aig-skip-cache: true' -d '{"model":"x"}'""",
        provider="",
        model="x",
        prompt="",
        options={"skip_cache": True},
        unread=("The address",),
    ),
]

POWERSHELL = [
    Sample(
        "curl.exe",
        f"""curl.exe -X POST "{BASE}/openai/chat/completions" `
  -H "Content-Type: application/json" `
  -H "Authorization: Bearer $env:OPENAI_API_KEY" `
  -d '{BODY.replace('"', chr(92) + '"')}'""",
        unread=("Authorization",),
    ),
    Sample(
        "Postman, PowerShell",
        f"""$headers = New-Object "System.Collections.Generic.Dictionary[[String],[String]]"
$headers.Add("Content-Type", "application/json")
$headers.Add("Authorization", "Bearer {KEY}")
$headers.Add("cf-aig-cache-ttl", "3600")

$body = @"
{BODY}
"@

$response = Invoke-RestMethod '{BASE}/openai/chat/completions' -Method 'POST' -Headers $headers -Body $body
$response | ConvertTo-Json""",
        options={"cache_ttl": 3600},
        raw=("Authorization",),
        secrets=1,
        shape="PowerShell",
    ),
    Sample(
        "Chrome, PowerShell",
        f"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "Mozilla/5.0"
Invoke-WebRequest -UseBasicParsing -Uri "{BASE}/openai/chat/completions" `
-Method "POST" `
-WebSession $session `
-Headers @{{
"authority"="gateway.ai.cloudflare.com"
  "method"="POST"
  "path"="/v1/x"
  "accept"="*/*"
  "authorization"="Bearer {KEY}"
  "sec-ch-ua"="`"Chromium`";v=`"142`""
}} `
-ContentType "application/json" `
-Body "{BODY.replace('"', '`"')}\"""",
        raw=("authorization",),
        secrets=1,
        shape="PowerShell",
    ),
    Sample(
        "by hand, with ConvertTo-Json",
        f"""$body = @{{
    model = "gpt-4o-mini"
    temperature = 0.5
    stream = $false
    messages = @(
        @{{ role = "user"; content = "Hello" }}
    )
}} | ConvertTo-Json -Depth 5
irm -Uri {BASE}/openai/chat/completions -Method Post -Headers @{{ 'cf-aig-skip-cache' = 'true' }} -Body $body -ContentType "application/json" -TimeoutSec 30 -MaximumRetryCount 2""",
        options={"skip_cache": True},
        shape="PowerShell",
    ),
    Sample(
        "variable that isn't there",
        f"""Invoke-RestMethod -Uri "{BASE}/openai/chat/completions" -Method POST -Headers $headers -Body $body""",
        model="",
        prompt="",
        unread=("-headers", "-body"),
        shape="PowerShell",
    ),
]

PLAIN = [
    Sample(
        "header lines",
        f"""cf-aig-cache-ttl: 3600
cf-aig-metadata: {{"team":"AI"}}
authorization: Bearer {KEY}
this is no header""",
        provider="",
        model="",
        prompt="",
        options={"cache_ttl": 3600, "metadata": {"team": "AI"}},
        raw=("authorization",),
        secrets=1,
        unread=("A line",),
        shape="headers",
    ),
    Sample(
        "whole HTTP request",
        f"""POST /v1/0123/prod/openai/chat/completions HTTP/1.1
Host: gateway.ai.cloudflare.com
Content-Type: application/json
cf-aig-skip-cache: true

{BODY}""",
        options={"skip_cache": True},
        shape="HTTP",
    ),
    Sample(
        "HAR entry",
        """{"startedDateTime":"2026-11-01T10:00:00Z","time":12,"request":{"method":"POST",
"url":"%s/openai/chat/completions","httpVersion":"h2","headers":[
{"name":":authority","value":"gateway.ai.cloudflare.com"},
{"name":"authorization","value":"Bearer %s"},
{"name":"cf-aig-max-attempts","value":"2"}],
"postData":{"mimeType":"application/json","text":"{\\"model\\":\\"gpt-4o-mini\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"Hello\\"}]}"}},
"response":{"status":200}}"""
        % (BASE, KEY),
        options={"max_attempts": 2},
        raw=("authorization",),
        secrets=1,
        shape="HAR",
    ),
    Sample(
        "whole HAR, picture first",
        """{"log":{"version":"1.2","entries":[
{"request":{"method":"GET","url":"https://app.example.com/logo.png","headers":[]}},
{"request":{"method":"POST","url":"https://statistics.example.com/seen","headers":[]}},
{"request":{"method":"POST","url":"%s/openai/chat/completions","headers":[{"name":"x"}],
"postData":{"text":"{\\"model\\":\\"gpt-4o-mini\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"Hello\\"}]}"}}}]}}"""
        % BASE,
        unread=("Header 1",),
        shape="HAR",
    ),
    Sample(
        "Chrome, fetch",
        """fetch("%s/openai/chat/completions", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer %s",
    "cf-aig-skip-cache": "true",
    "content-type": "application/json"
  },
  "body": "{\\"model\\":\\"gpt-4o-mini\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"Hello\\"}]}",
  "method": "POST"
});"""
        % (BASE, KEY),
        options={"skip_cache": True},
        raw=("authorization",),
        secrets=1,
        shape="fetch",
    ),
    Sample(
        "HTTPie",
        f"""http POST {BASE}/openai/chat/completions Authorization:'Bearer {KEY}' cf-aig-collect-log:false model=gpt-4o-mini messages:='[{{"role":"user","content":"Hello"}}]' stream:=true""",
        options={"collect_log": False},
        stream=True,
        raw=("Authorization",),
        secrets=1,
        shape="HTTPie",
    ),
    Sample(
        "prose",
        "Please help me with my gateway",
        provider="",
        model="",
        prompt="",
        unread=("The text",),
        shape="nothing",
    ),
    Sample(
        "nothing at all",
        "  \n ",
        provider="",
        model="",
        prompt="",
        unread=("The text",),
        shape="nothing",
    ),
]

SAMPLES = [*CURL, *POWERSHELL, *PLAIN]
