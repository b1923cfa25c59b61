namespace Bitswap.Protocol.Client;

/// <summary>What a peer has said to an ask.</summary>
internal enum AskAnswer : byte
{
    None,
    Have,
    DontHave,

    /// <summary>Silence taken for DONT_HAVE.</summary>
    Simulated,
}
