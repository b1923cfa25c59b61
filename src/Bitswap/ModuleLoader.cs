using System.Reflection;
using System.Runtime.Loader;
using Bitswap.Feedback;

namespace Bitswap;

/// <summary>What <c>Bitswap.psm1</c> calls when the module is imported and removed. Thread-safe.</summary>
/// <remarks>
/// Everything that is not Bitswap.dll is loaded into a private <see cref="AssemblyLoadContext"/> from the folder <c>deps</c>. The default
/// context asks this class for the module's own assemblies alone; packages are never given to others.
/// </remarks>
public static class ModuleLoader
{
    private static readonly Lock _gate = new();
    private static readonly HashSet<Guid> _importers = [];
    private static PrivateLoadContext? _context;

    /// <summary>Lets Bitswap.dll find what it needs. Called by each runspace that imports the module.</summary>
    /// <param name="runspace">The instance id of the importing runspace.</param>
    public static void Register(Guid runspace)
    {
        lock (_gate)
        {
            _context ??= new PrivateLoadContext(Path.Combine(Path.GetDirectoryName(typeof(ModuleLoader).Assembly.Location)!, "deps"));
            if (_importers.Count == 0)
            {
                AssemblyLoadContext.Default.Resolving += Resolve;
            }

            _importers.Add(runspace);
        }
    }

    /// <summary>Stops the nodes that a runspace started; the last one to leave also takes the resolver away.</summary>
    /// <param name="runspace">The instance id of the runspace that removes the module.</param>
    /// <returns>The names of the nodes that were stopped.</returns>
    public static string[] Unregister(Guid runspace)
    {
        // while assemblies still resolve: a node that stops may be the first to need one
        string[] stopped = Nodes.NodeRegistry.StopOwnedBy(runspace);
        lock (_gate)
        {
            if (_importers.Remove(runspace) && _importers.Count == 0)
            {
                FeedbackProvider.Unregister();
                AssemblyLoadContext.Default.Resolving -= Resolve;
            }
        }

        return stopped;
    }

    /// <summary>Has the console ask this module what to type next after a command that failed. Called where someone sits at a prompt, since it costs more than the rest of an import.</summary>
    public static void OfferFeedback()
    {
        lock (_gate)
        {
            // the module may be gone by then
            if (_importers.Count > 0)
            {
                FeedbackProvider.Register();
            }
        }
    }

    /// <summary>What completes the names inside the table of <c>-Option</c>. The type data of a session is its own, so each that imports the module adds it.</summary>
    public static System.Management.Automation.Runspaces.TypeData[] OptionNotes() => Completion.OptionHelp.TypeData();

    private static Assembly? Resolve(AssemblyLoadContext defaultContext, AssemblyName name) =>
        name.Name?.StartsWith("Bitswap.", StringComparison.Ordinal) == true ? _context?.LoadOwn(name) : null;
}
