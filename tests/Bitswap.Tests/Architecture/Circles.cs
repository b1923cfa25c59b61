// Two folders that refer to each other, one of them in the body of a method alone: what the test of folders has to find.
#pragma warning disable IDE0130, SA1403

namespace Bitswap.Tests.Architecture.Circles.Below
{
    internal sealed class Lower
    {
        public override string ToString() => string.Join(' ', new List<Above.Upper>().Select(upper => upper.GetHashCode()));
    }
}

namespace Bitswap.Tests.Architecture.Circles.Above
{
    internal sealed class Upper(Below.Lower lower)
    {
        public override string ToString() => lower.ToString();
    }
}
