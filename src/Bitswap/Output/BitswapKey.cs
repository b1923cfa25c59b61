using Bitswap.Node.Abstractions;
using Bitswap.Node.Names;
using Bitswap.Node.Repositories;

namespace Bitswap;

/// <summary>A key of a node, and what is published with it.</summary>
public sealed class BitswapKey
{
    internal BitswapKey(NamedKey key, PublishedName? published, BitswapNode node)
    {
        Name = key.Name;
        Type = "Ed25519";
        PeerId = key.PeerId.ToString();
        IpnsName = Bitswap.Node.Abstractions.IpnsName.TextOf(key.PeerId);
        Created = key.Created;
        Node = node.Name;
        if (published is null)
        {
            return;
        }

        Value = published.Record.Value;
        Sequence = published.Record.Sequence;
        ValidUntil = new DateTimeOffset(published.Record.Validity.Utc);
        LastPublished = published.Published;
        LastError = published.Failure;
        TimeSpan interval = node.Host.NameRepublishInterval;
        NextPublish = interval > TimeSpan.Zero && published.DueAt(interval) is var due && due > DateTimeOffset.MinValue ? due : null;
    }

    /// <summary>What it is called; self is the node's own.</summary>
    public string Name { get; }

    /// <summary>The kind of key.</summary>
    public string Type { get; }

    /// <summary>The hash of its public key as a peer id (12D3Koo...).</summary>
    public string PeerId { get; }

    /// <summary>The same as an IPNS name in base 36 (k51...).</summary>
    public string IpnsName { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>What its name stands for by the last record that this node made; null when nothing was published with it.</summary>
    public string? Value { get; }

    /// <summary>The version of that record.</summary>
    public ulong? Sequence { get; }

    /// <summary>Until when that record is valid.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>When a router or a peer of the DHT took a record of it last; null for never.</summary>
    public DateTimeOffset? LastPublished { get; }

    /// <summary>When the node publishes it again; null when it does not, or does so soon after its start.</summary>
    public DateTimeOffset? NextPublish { get; }

    /// <summary>Why nobody took the record the last time, since the node was started; null when it went well.</summary>
    public string? LastError { get; }

    /// <summary>The node that has it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
