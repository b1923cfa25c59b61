using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>Defines every message that this assembly logs. Event ids 2000 to 2999 are this room's; an id is never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Error, "Background work failed: {What}.")]
    public static partial void TaskFailed(ILogger logger, string what, Exception error);

    [LoggerMessage(2002, LogLevel.Information, "Listening on {Address}.")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(2003, LogLevel.Warning, "Accepting on {Address} failed and is tried again.")]
    public static partial void AcceptFailed(ILogger logger, string address, Exception error);

    [LoggerMessage(2004, LogLevel.Debug, "Refused the socket of {Remote}: {Reason}.")]
    public static partial void SocketRefused(ILogger logger, string remote, string reason);

    [LoggerMessage(2005, LogLevel.Debug, "The handshake with {Remote} failed.")]
    public static partial void HandshakeFailed(ILogger logger, string remote, Exception error);

    [LoggerMessage(2006, LogLevel.Debug, "Connected: {Peer} at {Address}, {Direction}.")]
    public static partial void Connected(ILogger logger, string peer, string address, ConnectionDirection direction);

    [LoggerMessage(2007, LogLevel.Debug, "Disconnected: {Peer} at {Address}: {Reason}")]
    public static partial void Disconnected(ILogger logger, string peer, string address, string reason);

    [LoggerMessage(2008, LogLevel.Debug, "Refused a connection with {Peer}: {Reason}.")]
    public static partial void ConnectionRefused(ILogger logger, string peer, string reason);

    [LoggerMessage(2009, LogLevel.Debug, "Closing {Count} of {Total} connections, more than the high water mark.")]
    public static partial void Pruning(ILogger logger, int count, int total);

    [LoggerMessage(2010, LogLevel.Warning, "The score function failed for {Peer}; it counts as 0.")]
    public static partial void ScoreFailed(ILogger logger, string peer, Exception error);

    [LoggerMessage(2011, LogLevel.Error, "A subscriber of {EventName} failed.")]
    public static partial void SubscriberFailed(ILogger logger, string eventName, Exception error);

    [LoggerMessage(2012, LogLevel.Debug, "Reset a stream of {Peer}: {Reason}.")]
    public static partial void StreamRefused(ILogger logger, string peer, string reason);

    [LoggerMessage(2013, LogLevel.Debug, "A stream of {Peer} was not agreed on.")]
    public static partial void StreamNegotiationFailed(ILogger logger, string peer, Exception error);

    [LoggerMessage(2014, LogLevel.Error, "The handler of {Protocol} failed for {Peer}; its stream is reset.")]
    public static partial void HandlerFailed(ILogger logger, string protocol, string peer, Exception error);

    [LoggerMessage(2015, LogLevel.Debug, "The stream of {Protocol} with {Peer} ended early.")]
    public static partial void HandlerStreamEnded(ILogger logger, string protocol, string peer, Exception error);

    [LoggerMessage(2016, LogLevel.Debug, "Identified {Peer}: {Agent}, {ProtocolCount} protocols.")]
    public static partial void Identified(ILogger logger, string peer, string? agent, int protocolCount);

    [LoggerMessage(2017, LogLevel.Debug, "{Peer} did not identify itself.")]
    public static partial void IdentifyFailed(ILogger logger, string peer, Exception error);

    [LoggerMessage(2018, LogLevel.Warning, "Ignored what {Peer} says of itself: {Reason}.")]
    public static partial void IdentifyIgnored(ILogger logger, string peer, string reason);

    [LoggerMessage(2019, LogLevel.Debug, "{Peer} was not told of changed protocols.")]
    public static partial void PushFailed(ILogger logger, string peer, Exception error);

    [LoggerMessage(2020, LogLevel.Debug, "Closing {Peer}: no answer to a ping in {Timeout}.")]
    public static partial void KeepAliveFailed(ILogger logger, string peer, TimeSpan timeout);

    [LoggerMessage(2021, LogLevel.Debug, "Closing {Peer}: idle for {Timeout}.")]
    public static partial void IdleClosed(ILogger logger, string peer, TimeSpan timeout);

    [LoggerMessage(2022, LogLevel.Warning, "{Count} tasks were still running {Timeout} after the stop.")]
    public static partial void StopIncomplete(ILogger logger, int count, TimeSpan timeout);

    [LoggerMessage(2023, LogLevel.Debug, "Dialing {Peer} at {Address}.")]
    public static partial void Dialing(ILogger logger, string peer, string address);

    [LoggerMessage(2024, LogLevel.Debug, "{Address} failed.")]
    public static partial void DialFailed(ILogger logger, string address, Exception error);

    [LoggerMessage(2025, LogLevel.Debug, "{Peer} was asked to dial {Address}: {Outcome}.")]
    public static partial void Checked(ILogger logger, string peer, string address, string outcome);

    [LoggerMessage(2026, LogLevel.Debug, "{Peer} was asked to dial {Address}, without an answer that counts.")]
    public static partial void CheckFailed(ILogger logger, string peer, string address, Exception error);

    [LoggerMessage(2027, LogLevel.Information, "Others are told these addresses besides those that the host listens on: {Addresses}.")]
    public static partial void AddressesFound(ILogger logger, string addresses);

    [LoggerMessage(2028, LogLevel.Information, "The addresses that the host listens on have changed: {Addresses}.")]
    public static partial void AddressesChanged(ILogger logger, string addresses);

    [LoggerMessage(2029, LogLevel.Warning, "A change of this machine's addresses is not noticed: the system does not tell.")]
    public static partial void ChangesUnknown(ILogger logger, Exception error);

    [LoggerMessage(2030, LogLevel.Warning, "The addresses of this machine cannot be read; those that were known stay.")]
    public static partial void InterfacesUnreadable(ILogger logger, Exception error);

    [LoggerMessage(2031, LogLevel.Information, "The relay {Relay} holds a reservation for {Lifetime}; connections through it have {Limits}.")]
    public static partial void Reserved(ILogger logger, string relay, TimeSpan lifetime, string limits);

    [LoggerMessage(2032, LogLevel.Warning, "The relay {Relay} gave no reservation, and is asked again in {Delay}.")]
    public static partial void NotReserved(ILogger logger, string relay, TimeSpan delay, Exception error);

    [LoggerMessage(2033, LogLevel.Debug, "Refused a message of {Peer} in the relay protocol: {Reason}")]
    public static partial void RelayMessageRefused(ILogger logger, string peer, string reason);

    [LoggerMessage(2034, LogLevel.Debug, "Relaying a connection of {Source} to {Target}.")]
    public static partial void Relaying(ILogger logger, string source, string target);

    [LoggerMessage(2035, LogLevel.Debug, "Relayed a connection of {Source} to {Target}: {Sent} bytes there, {Received} back; {Reason}.")]
    public static partial void Relayed(ILogger logger, string source, string target, long sent, long received, string reason);
}
