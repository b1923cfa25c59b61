using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Crypto;

/// <summary>A point with Z = 1, as it stands in the tables of multiples of the base point.</summary>
internal struct EdwardsTableEntry
{
    public FieldElement YPlusX;
    public FieldElement YMinusX;
    public FieldElement TwiceDT;

    public static EdwardsTableEntry Identity =>
        new() { YPlusX = FieldElement.One, YMinusX = FieldElement.One, TwiceDT = FieldElement.Zero };

    public static EdwardsTableEntry FromPoint(in EdwardsPoint point)
    {
        FieldElement inverse = FieldElement.Invert(point.Z);
        FieldElement x = point.X * inverse;
        FieldElement y = point.Y * inverse;
        return new EdwardsTableEntry { YPlusX = y + x, YMinusX = y - x, TwiceDT = x * y * EdwardsPoint.TwiceD };
    }

    /// <summary>Takes <paramref name="other"/>'s value where every bit of <paramref name="mask"/> is set, nothing where none is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ConditionalMove(in EdwardsTableEntry other, ulong mask)
    {
        YPlusX.ConditionalMove(other.YPlusX, mask);
        YMinusX.ConditionalMove(other.YMinusX, mask);
        TwiceDT.ConditionalMove(other.TwiceDT, mask);
    }

    /// <summary>Negates the point where <paramref name="negative"/> is 1, and leaves it where it is 0.</summary>
    public void ConditionalNegate(ulong negative)
    {
        FieldElement.ConditionalSwap(ref YPlusX, ref YMinusX, negative);
        TwiceDT.ConditionalMove(-TwiceDT, 0 - negative);
    }
}
