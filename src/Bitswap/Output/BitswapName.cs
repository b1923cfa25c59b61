using Bitswap.Node.Names;

namespace Bitswap;

/// <summary>What a name leads to.</summary>
public sealed class BitswapName
{
    internal BitswapName(ResolvedName resolved, BitswapNode node)
    {
        Name = resolved.Name;
        Path = resolved.Text;
        Cid = resolved.Path?.Root.ToString() ?? "";
        Source = [.. resolved.Steps.Select(step => step.Source).Distinct()];
        ValidUntil = resolved.ValidUntil;
        Ttl = resolved.Ttl;
        Sequence = resolved.Steps[0].Record?.Sequence;
        Node = node.Name;
    }

    /// <summary>The name: an IPNS name in base 36 (k51...), or a domain.</summary>
    public string Name { get; }

    /// <summary>What it leads to, such as /ipfs/bafy.../a; with -NoRecurse it may begin with /ipns/.</summary>
    public string Path { get; }

    /// <summary>The CID at which the path begins; empty when it begins with another name.</summary>
    public string Cid { get; }

    /// <summary>Who gave the records on the way: a router by its address, the DHT, DNS.</summary>
    public string[] Source { get; }

    /// <summary>Until when all records on the way are valid; null for a domain that leads to content.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>How long the node uses this again without asking: the shortest time that a publisher on the way says.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>The version of the record of an IPNS name; null for a domain.</summary>
    public ulong? Sequence { get; }

    /// <summary>The node that resolved it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
