<#
.SYNOPSIS
    Gets the command that starts this PowerShell once more, as a process of its own.
.DESCRIPTION
    [Environment]::ProcessPath names the program of this process. That is pwsh where PowerShell is installed, and dotnet where it is a .NET tool;
    dotnet starts PowerShell only when it is told which pwsh.dll to run.
.OUTPUTS
    An object with FilePath, the program, and ArgumentList, what stands before the arguments of pwsh.
.EXAMPLE
    $pwsh = ./Get-PowerShellHost.ps1
    & $pwsh.FilePath @($pwsh.ArgumentList) -NoProfile -Command '$PSVersionTable'
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    # The program of this process.
    [string] $ProcessPath = [Environment]::ProcessPath,

    # The folder of this PowerShell.
    [string] $PowerShellHome = $PSHOME
)

$ErrorActionPreference = 'Stop'
$program = [IO.Path]::GetFileNameWithoutExtension($ProcessPath)
if ($program -eq 'pwsh') {
    return [pscustomobject]@{ FilePath = $ProcessPath; ArgumentList = [string[]] @() }
}

# a .NET tool's folder may hold a pwsh as well, but as a file from a package it cannot be counted on to be executable
if ($program -eq 'dotnet') {
    return [pscustomobject]@{ FilePath = $ProcessPath; ArgumentList = [string[]] @(Join-Path $PowerShellHome 'pwsh.dll') }
}

# an editor or another program hosts PowerShell
$installed = Join-Path $PowerShellHome ($IsWindows ? 'pwsh.exe' : 'pwsh')
if (-not (Test-Path -LiteralPath $installed)) {
    throw "$ProcessPath hosts this PowerShell, and $installed is missing. Run this in pwsh."
}

[pscustomobject]@{ FilePath = $installed; ArgumentList = [string[]] @() }
