using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text;

namespace Bitswap.Nodes;

/// <summary>
/// Runs a script block as a node's filter, on the node's threads: each call in a runspace that it has to itself, stopped when its time is over. As many
/// runspaces are made as calls run at once, which the node bounds.
/// </summary>
/// <remarks>
/// A script block belongs to the runspace that made it, which is busy with the user's own work, so its text runs in another: it sees none of the user's
/// variables but what it names with <c>$using:</c>, whose values are taken once, when the node starts.
/// </remarks>
internal sealed class FilterScript : IDisposable
{
    private readonly string _text;
    private readonly Hashtable _using;
    private readonly ConcurrentBag<Runspace> _idle = [];
    private volatile bool _disposed;

    /// <param name="script">The script; it is given the peer and the CID.</param>
    /// <param name="read">Reads a variable of the user's by its name.</param>
    public FilterScript(ScriptBlock script, Func<string, object?> read)
    {
        _text = script.ToString();
        _using = [];
        foreach (UsingExpressionAst used in script.Ast.FindAll(static ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true).Cast<UsingExpressionAst>())
        {
            if (used.SubExpression is VariableExpressionAst variable)
            {
                // by this key PowerShell looks a value up, in ForEach-Object -Parallel as here
                _using[Convert.ToBase64String(Encoding.Unicode.GetBytes(used.ToString().ToLowerInvariant()))] = read(variable.VariablePath.UserPath);
            }
        }
    }

    /// <summary>Asks the script; what it says last decides, as <c>if</c> would.</summary>
    public async ValueTask<bool> AllowsAsync(PeerId peer, Cid cid, CancellationToken cancellationToken)
    {
        Runspace runspace = Take();
        bool isWell = false;
        try
        {
            using PowerShell shell = PowerShell.Create();
            shell.Runspace = runspace;
            shell.AddScript(_text, useLocalScope: true);
            if (_using.Count > 0)
            {
                shell.AddParameter("--%", _using);
            }

            shell.AddArgument(peer).AddArgument(cid);
            using CancellationTokenRegistration over = cancellationToken.Register(() => shell.BeginStop(null, null));
            PSDataCollection<PSObject> output = await Task.Factory.FromAsync(shell.BeginInvoke(), shell.EndInvoke).ConfigureAwait(false);
            isWell = !cancellationToken.IsCancellationRequested;
            if (shell.HadErrors && shell.Streams.Error.Count > 0)
            {
                throw new InvalidOperationException(shell.Streams.Error[0].ToString());
            }

            return output.Count > 0 && LanguagePrimitives.IsTrue(output[^1]);
        }
        finally
        {
            Return(runspace, isWell);
        }
    }

    /// <summary>Closes the runspaces; one that is in use closes when it comes back.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out Runspace? runspace))
        {
            runspace.Dispose();
        }
    }

    private Runspace Take()
    {
        if (_idle.TryTake(out Runspace? idle))
        {
            return idle;
        }

        Runspace made = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        made.ThreadOptions = PSThreadOptions.ReuseThread;
        made.Open();
        return made;
    }

    private void Return(Runspace runspace, bool isWell)
    {
        // one that was stopped may still be busy stopping
        if (!isWell)
        {
            runspace.Dispose();
            return;
        }

        _idle.Add(runspace);
        if (_disposed)
        {
            Dispose();
        }
    }
}
