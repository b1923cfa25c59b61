namespace Bitswap.Protocol.Core;

/// <summary>Something with at most one time at which it wants to be called. Derived from, so that a timer is no object of its own.</summary>
internal abstract class EngineTimer
{
    internal const int NotScheduled = -1;

    internal TimeSpan Due { get; set; }

    internal int Slot { get; set; } = NotScheduled;

    internal abstract void Fire(TimeSpan now);
}
