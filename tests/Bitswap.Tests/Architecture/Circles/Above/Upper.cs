namespace Bitswap.Tests.Architecture.Circles.Above;

/// <summary>Stands on <see cref="Below.Lower"/>.</summary>
internal sealed class Upper(Below.Lower lower)
{
    public override string ToString() => lower.ToString();
}
