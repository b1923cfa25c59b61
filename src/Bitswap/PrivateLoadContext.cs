using System.Reflection;
using System.Runtime.Loader;

namespace Bitswap;

/// <summary>Holds what the module needs apart from the session: its own copy comes first, whatever the session has loaded.</summary>
internal sealed class PrivateLoadContext(string folder) : AssemblyLoadContext("Bitswap")
{
    /// <summary>An assembly of the folder, or null when it is not one of these.</summary>
    public Assembly? LoadOwn(AssemblyName name) => File.Exists(PathOf(name)) ? LoadFromAssemblyName(name) : null;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = PathOf(assemblyName);
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    private string PathOf(AssemblyName name) => Path.Combine(folder, name.Name + ".dll");
}
