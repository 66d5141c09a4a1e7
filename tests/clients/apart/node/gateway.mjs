// The way to the local gateway, and how a script of cases is run.
//
// GATEWAY_URL and GATEWAY_TOKEN say where it is. Packages that have Cloudflare's hosts built in
// reach it through `fetch`, which is wrapped here; what would go anywhere else is refused.

export const url = process.env.GATEWAY_URL;
export const token = process.env.GATEWAY_TOKEN;

const direct = globalThis.fetch;
globalThis.fetch = (asked, how) => {
  const place = String(asked).replace(/^https:\/\/(gateway\.ai|api)\.cloudflare\.com/, url);
  if (!place.startsWith(`${url}/`)) throw new Error(`${asked} isn't the local gateway`);
  return direct(place, how);
};

// Let the next calls of a provider fail.
export const failNext = (provider, times = 1) =>
  fetch(`${url}/_local/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ provider, kind: "status", status: 503, times }),
  });

// What a Worker has as `env.AI`, by hand: the universal endpoint of a gateway, and models by name.
export const AI = {
  gateway: (id) => ({
    run: (steps, { signal } = {}) =>
      fetch(`${url}/v1/local/${id}`, { method: "POST", body: JSON.stringify(steps), signal }),
  }),
  run: async (model, input, { gateway, extraHeaders, returnRawResponse, signal } = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...extraHeaders };
    if (gateway?.id) headers["cf-aig-gateway-id"] = gateway.id;
    const place = `${url}/client/v4/accounts/local/ai/run`;
    const body = JSON.stringify({ model, input });
    const answer = await fetch(place, { method: "POST", headers, body, signal });
    if (input.stream || !answer.ok) return returnRawResponse ? answer : answer.body;
    const { result } = await answer.json();
    return returnRawResponse ? Response.json(result, { headers: answer.headers }) : result;
  },
};

// What a package throws, as its users tell errors apart.
export async function thrown(promise) {
  try {
    await promise;
  } catch (error) {
    const { name, message, statusCode = null, responseBody = null } = error;
    return { kind: error.constructor.name, name, message, statusCode, responseBody };
  }
  throw new Error("nothing was thrown");
}

// Run a case for each model, all at once; the result has the model's names.
export async function forEach(models, work) {
  const pairs = Object.entries(models).map(async ([name, model]) => [name, await work(model)]);
  return Object.fromEntries(await Promise.all(pairs));
}

// Run the cases one after another, and print what each returned or how it failed.
export async function run(cases) {
  const told = {};
  for (const [name, work] of Object.entries(cases)) {
    told[name] = await work().then(
      (value) => ({ value }),
      (error) => ({ failed: error.stack }),
    );
  }
  console.log(JSON.stringify(told));
}
