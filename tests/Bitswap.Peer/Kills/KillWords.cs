namespace Bitswap.Peer.Kills;

/// <summary>The first words of the lines in which a process says what it is about to do, and what it has done.</summary>
internal static class KillWords
{
    public const string Ready = "ready";
    public const string Added = "added";
    public const string Clearing = "clearing";
    public const string Cleared = "cleared";
    public const string Collected = "collected";
    public const string Pinning = "pinning";
    public const string Pinned = "pinned";
    public const string Refused = "refused";
    public const string Unpinning = "unpinning";
    public const string Unpinned = "unpinned";
    public const string Saving = "saving";
    public const string Saved = "saved";
}
