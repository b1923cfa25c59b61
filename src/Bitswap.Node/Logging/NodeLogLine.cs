namespace Bitswap.Node.Logging;

/// <summary>One line of a node's log, for who cannot know the logging library.</summary>
/// <param name="EventId">The number of its kind.</param>
/// <param name="IsDetail">Whether it is for those who look for a fault (debug, trace).</param>
/// <param name="Text">What happened.</param>
internal readonly record struct NodeLogLine(int EventId, bool IsDetail, string Text);
