namespace Bitswap.Node.Tracing;

/// <summary>The words of a trace's lines.</summary>
internal static class TraceNames
{
    /// <summary>The version of the form that is written.</summary>
    public const int FormatVersion = 1;

    public const string Time = "time";
    public const string Kind = "kind";
    public const string Peer = "peer";
    public const string Node = "node";
    public const string Format = "format";
    public const string Direction = "direction";
    public const string Id = "id";
    public const string Full = "full";
    public const string Entries = "entries";
    public const string Blocks = "blocks";
    public const string Presences = "presences";
    public const string PendingBytes = "pendingBytes";
    public const string Cid = "cid";
    public const string Size = "size";
    public const string Type = "type";
    public const string Priority = "priority";
    public const string Cancel = "cancel";
    public const string SendDontHave = "sendDontHave";
    public const string Session = "session";
    public const string OnlyPeers = "onlyPeers";
    public const string SkipsStore = "skipsStore";
    public const string Outcome = "outcome";
    public const string Protocol = "protocol";
    public const string Count = "count";
    public const string Reason = "reason";

    // Kinds.
    public const string Start = "start";
    public const string Message = "message";
    public const string Delivered = "delivered";
    public const string Failed = "failed";
    public const string Connected = "connected";
    public const string Disconnected = "disconnected";
    public const string Want = "want";
    public const string Ended = "ended";
    public const string Lost = "lost";
    public const string Corrupt = "corrupt";

    // Values.
    public const string Sent = "sent";
    public const string Received = "received";
    public const string Have = "have";
    public const string DontHave = "dontHave";

    /// <summary>The kind of a received block, and the type of a want for one.</summary>
    public const string Block = "block";
}
