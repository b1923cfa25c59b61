namespace Bitswap.Protocol.Wire;

/// <summary>What a peer says of a block without sending it. The values are those of the wire.</summary>
public enum PresenceType
{
    /// <summary>HAVE.</summary>
    Have = 0,

    /// <summary>DONT_HAVE.</summary>
    DontHave = 1,
}
