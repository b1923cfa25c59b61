// What js-libp2p takes for granted from Node 22 on; to be imported before it

Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((_resolve, _reject) => { resolve = _resolve; reject = _reject })
  return { promise, resolve, reject }
}
Promise.try ??= function (fn, ...args) { return new Promise(resolve => resolve(fn(...args))) }
globalThis.WebSocket ??= (await import('ws')).WebSocket
