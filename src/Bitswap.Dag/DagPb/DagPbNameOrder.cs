namespace Bitswap.Dag.DagPb;

/// <summary>The order of link names: that of their UTF-8 bytes, which UTF-16 has too but for surrogates.</summary>
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
