namespace Bitswap.Peer.Kills;

/// <summary>A kill run has found something that must not be.</summary>
internal sealed class KillFailureException(string message) : Exception(message);
