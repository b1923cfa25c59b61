namespace Bitswap.Libp2p.Connections;

/// <summary>Represents what is known of the relay that carries a connection. The limits are what the relay said; where it said none, it may have some all the same.</summary>
/// <param name="Relay">The relay.</param>
/// <param name="MaxTime">How long the relay lets the connection last; null for no limit.</param>
/// <param name="MaxBytes">How many bytes it carries each way; null for no limit.</param>
public sealed record RelayCircuit(PeerId Relay, TimeSpan? MaxTime, long? MaxBytes)
{
    /// <summary>Gets whether the relay ends the connection after a time or a number of bytes.</summary>
    public bool IsLimited => MaxTime is not null || MaxBytes is not null;

    /// <summary>Returns the limits in words, such as <c>2 min and 131072 bytes each way</c>.</summary>
    public override string ToString() => (MaxTime, MaxBytes) switch
    {
        (null, null) => "no limit",
        ({ } time, null) => InWords(time),
        (null, { } bytes) => $"{bytes} bytes each way",
        ({ } time, { } bytes) => $"{InWords(time)} and {bytes} bytes each way",
    };

    private static string InWords(TimeSpan time) => time.TotalSeconds % 60 == 0 ? $"{time.TotalMinutes:0} min" : $"{time.TotalSeconds:0} s";
}
