using Bitswap.Node.Abstractions;
using Bitswap.Node.Names;

namespace Bitswap;

/// <summary>What came of publishing a name.</summary>
public sealed class BitswapPublishedName
{
    internal BitswapPublishedName(Publication result, BitswapNode node)
    {
        Name = IpnsName.TextOf(result.Record.Name);
        Key = result.Key;
        Value = result.Record.Value;
        Sequence = result.Record.Sequence;
        ValidUntil = new DateTimeOffset(result.Record.Validity.Utc);
        Ttl = result.Record.Ttl ?? NamePublisher.DefaultTtl;
        Router = [.. result.Routers];
        Peer = [.. result.Peers.Select(peer => peer.ToString())];
        Refusal = [.. result.Refusals];
        Node = node.Name;
    }

    /// <summary>The IPNS name in base 36 (k51...).</summary>
    public string Name { get; }

    /// <summary>The name of the key that signed the record.</summary>
    public string Key { get; }

    /// <summary>What the name stands for, such as /ipfs/bafy.../a.</summary>
    public string Value { get; }

    /// <summary>The version of the record.</summary>
    public ulong Sequence { get; }

    /// <summary>Until when the record is valid.</summary>
    public DateTimeOffset ValidUntil { get; }

    /// <summary>How long others may use it without asking again.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>How many took it: routers and peers of the DHT.</summary>
    public int Accepted => Router.Length + Peer.Length;

    /// <summary>The routers that took it.</summary>
    public string[] Router { get; }

    /// <summary>The peers of the DHT that took it.</summary>
    public string[] Peer { get; }

    /// <summary>Why others did not take it, a sentence each.</summary>
    public string[] Refusal { get; }

    /// <summary>The node that published it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
