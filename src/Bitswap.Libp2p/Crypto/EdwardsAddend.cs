namespace Bitswap.Libp2p.Crypto;

/// <summary>A point in the form in which it is cheapest to add to another.</summary>
internal readonly struct EdwardsAddend
{
    public readonly FieldElement YPlusX;
    public readonly FieldElement YMinusX;
    public readonly FieldElement Z;
    public readonly FieldElement TwiceDT;

    public EdwardsAddend(in EdwardsPoint point)
    {
        YPlusX = point.Y + point.X;
        YMinusX = point.Y - point.X;
        Z = point.Z;
        TwiceDT = point.T * EdwardsPoint.TwiceD;
    }
}
