namespace Bitswap.Protocol.Wire;

/// <summary>What a wantlist entry asks for. The values are those of the wire.</summary>
public enum WantType
{
    /// <summary>WANT_BLOCK: send the block.</summary>
    Block = 0,

    /// <summary>WANT_HAVE: say whether you have it.</summary>
    Have = 1,
}
