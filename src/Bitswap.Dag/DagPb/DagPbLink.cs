namespace Bitswap.Dag.DagPb;

/// <summary>
/// Represents a link of a dag-pb node (ipld.io/specs/codecs/dag-pb). A link that is made here has a name and a size, and both are written, also when the
/// name is empty; one that was decoded keeps what was absent absent.
/// </summary>
/// <param name="Cid">The block that the link leads to.</param>
/// <param name="Name">The name, which may be empty; links are ordered by its UTF-8 bytes.</param>
/// <param name="Tsize">The bytes of the block and of all below it, as the writer of the link claims: nothing to rely on.</param>
public readonly record struct DagPbLink(Cid Cid, string Name, ulong Tsize)
{
    private readonly bool _noName;
    private readonly bool _noTsize;

    /// <summary>Gets whether there is a name at all, be it empty.</summary>
    public bool HasName
    {
        get => !_noName;
        init => _noName = !value;
    }

    /// <summary>Gets whether there is a size at all, be it 0.</summary>
    public bool HasTsize
    {
        get => !_noTsize;
        init => _noTsize = !value;
    }
}

/// <summary>Represents the order of link names: that of their UTF-8 bytes, which UTF-16 has too but for surrogates.</summary>
internal sealed class DagPbNameOrder : IComparer<DagPbLink>
{
    public static readonly DagPbNameOrder Instance = new();

    public int Compare(DagPbLink x, DagPbLink y) => Compare(x.Name, y.Name);

    public static int Compare(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length.CompareTo(right.Length)
            : Rank(left[common]).CompareTo(Rank(right[common]));
    }

    // A surrogate stands for a code point above U+FFFF, whose UTF-8 comes after that of every other character.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
