namespace Bitswap.Node.Names;

/// <summary>What came of publishing a record.</summary>
/// <param name="Key">The name of the key.</param>
/// <param name="Record">The record.</param>
/// <param name="Routers">The routers that took it.</param>
/// <param name="Peers">The peers of the DHT that took it.</param>
/// <param name="Refusals">Why others did not, a sentence each.</param>
internal sealed record Publication(string Key, IpnsRecord Record, IReadOnlyList<string> Routers, IReadOnlyList<PeerId> Peers, IReadOnlyList<string> Refusals)
{
    /// <summary>Gets how many took it.</summary>
    public int Taken => Routers.Count + Peers.Count;
}
