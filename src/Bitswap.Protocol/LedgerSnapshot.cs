namespace Bitswap.Protocol;

/// <summary>What went back and forth between a peer and this node, across connections.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="IsConnected">Whether it is connected now.</param>
/// <param name="BytesSent">Bytes of blocks sent to it.</param>
/// <param name="BytesReceived">Bytes of wanted blocks received from it.</param>
/// <param name="BlocksSent">Blocks sent to it.</param>
/// <param name="BlocksReceived">Wanted blocks received from it.</param>
/// <param name="Score">Bytes of wanted blocks received from it, each byte counting half after ten minutes: what a connection to it is worth.</param>
public sealed record LedgerSnapshot(
    PeerId Peer, bool IsConnected, long BytesSent, long BytesReceived, long BlocksSent, long BlocksReceived, double Score)
{
    /// <summary>Sent / (received + 1), in bytes, as boxo reckons it: above one, the peer owes.</summary>
    public double DebtRatio => BytesSent / (BytesReceived + 1.0);
}
