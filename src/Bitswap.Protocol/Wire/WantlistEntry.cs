namespace Bitswap.Protocol.Wire;

/// <summary>One line of a wantlist.</summary>
/// <param name="Cid">What is wanted, or wanted no more.</param>
/// <param name="Priority">Higher first; any int32, 1 by default (Bitswap specification).</param>
/// <param name="Cancel">True: the want is withdrawn and the other members say nothing.</param>
/// <param name="Type">Whether the block or only word of it is wanted. Peers before 1.2.0 know only blocks.</param>
/// <param name="SendDontHave">Whether a peer without the block is asked to say so. Peers before 1.2.0 cannot.</param>
public readonly record struct WantlistEntry(
    Cid Cid, int Priority = 1, bool Cancel = false, WantType Type = WantType.Block, bool SendDontHave = false);
