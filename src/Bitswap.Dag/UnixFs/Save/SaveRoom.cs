using System.Globalization;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Checks whether what is saved fits on its disk: asked before anything is written, and from time to time while it is.</summary>
/// <param name="target">Where it is wanted.</param>
/// <param name="options">How much is to stay free.</param>
internal sealed class SaveRoom(string target, SaveOptions options)
{
    private const long Stride = 64 << 20;

    // what an entry takes of most file systems beside its bytes
    private const long EntryCost = 4096;

    // errno: EFBIG, ENAMETOOLONG of Linux and of macOS and BSD
    private static readonly int[] _hopelessCodes = [27, 36, 63];
    private readonly string _folder = Path.GetDirectoryName(target)!;
    private SavePlan _plan;
    private long _sinceLook;

    /// <summary>Refuses what has more bytes than the disk has room for, before any is written.</summary>
    /// <param name="plan">The bytes that its blocks say it has.</param>
    /// <exception cref="SaveException">DiskFull.</exception>
    public void Check(SavePlan plan)
    {
        _plan = plan;

        // a save of fewer bytes than the reserve may use it up
        long keep = plan.Missing < options.KeepFree ? 0 : options.KeepFree;
        if (options.MeasureFree(_folder) is { } free && free - keep < plan.Missing)
        {
            string missing = plan.Missing == plan.Bytes ? "" : Invariant($", {plan.Missing:N0} of them not there yet");
            string kept = keep == 0 ? "" : Invariant($", of which {keep:N0} stay free");
            throw Full(Invariant($"'{target}' has {plan.Bytes:N0} bytes{missing}, and its disk has room for {free:N0}{kept}. Nothing was written."));
        }
    }

    /// <summary>Counts an entry that is made.</summary>
    /// <exception cref="SaveException">DiskFull.</exception>
    public void CountEntry() => Count(EntryCost);

    /// <summary>Counts bytes that are written.</summary>
    /// <exception cref="SaveException">DiskFull.</exception>
    public void Count(long bytes)
    {
        _sinceLook += bytes;
        if (_sinceLook < Stride)
        {
            return;
        }

        _sinceLook = 0;
        if (options.MeasureFree(_folder) is { } free && free < options.KeepFree)
        {
            throw Full(Invariant($"'{target}' cannot be saved: the room on its disk fell to {free:N0} bytes while it was written. What was written is removed again."));
        }
    }

    /// <summary>Returns whether the same save would end like this one: what is saved, or a name in it, is larger than the disk or its file system takes.</summary>
    public static bool IsHopeless(Exception failure) => failure is PathTooLongException or SaveException { ErrorId: ReadErrorIds.DiskFull }
        || (failure is IOException && !OperatingSystem.IsWindows() && _hopelessCodes.Contains(failure.HResult));

    /// <summary>Ends a save that found the disk full. What it has written is kept only where it is no more than was said, and the rest has room by now.</summary>
    public SaveException Leave(PartialSave partial, SaveProgress progress, IOException cause)
    {
        long rest = _plan.Bytes - progress.Bytes;
        bool fits = rest >= 0 && options.MeasureFree(_folder) is { } free && free >= rest;
        if (!fits)
        {
            partial.Remove();
        }

        string left = fits ? "They are kept: the same save goes on from there." : "They are removed again.";
        return Full(Invariant($"'{target}' cannot be saved: its disk was full when {progress.Bytes:N0} of {_plan.Bytes:N0} bytes were written. {left}"), cause);
    }

    private SaveException Full(string message, Exception? cause = null) => new(ReadErrorIds.DiskFull, message, target, cause);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
