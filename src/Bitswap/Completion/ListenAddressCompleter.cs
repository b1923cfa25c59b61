namespace Bitswap.Completion;

/// <summary>Completes addresses to listen on: this machine alone first.</summary>
public sealed class ListenAddressCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
    [
        ("/ip4/127.0.0.1/tcp/0", "this machine alone, any free port"),
        ("/ip6/::1/tcp/0", "this machine alone by IPv6, any free port"),
        ("/ip4/0.0.0.0/tcp/4001", "every interface, the port that peers expect"),
        ("/ip6/::/tcp/4001", "every interface by IPv6, the port that peers expect"),
        ("/ip4/0.0.0.0/tcp/4002/ws", "every interface, WebSockets, which browsers can open"),
    ];
}
