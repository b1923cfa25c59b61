namespace Bitswap.Tests.Architecture.Circles.Below;

/// <summary>Refers to the folder that refers to it, in the body of a method alone: what the test of folders has to find.</summary>
internal sealed class Lower
{
    public override string ToString() => string.Join(' ', new List<Above.Upper>().Select(upper => upper.GetHashCode()));
}
