BeforeAll {
    $ErrorActionPreference = 'Stop'
    $root = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
    $manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $root 'Bitswap.psd1')
    $work = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "bitswap-test-$([guid]::NewGuid().ToString('N'))")).FullName
    $package = Get-Item -LiteralPath ($env:BITSWAP_TEST_PACKAGE ? $env:BITSWAP_TEST_PACKAGE : (& (Join-Path $root 'src/Package/New-Package.ps1') -Destination $work))
    $packages = Split-Path $package
    $content = Join-Path $work 'content'
    [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $content)
    $nuspec = ([xml] (Get-Content -Raw -LiteralPath (Join-Path $content 'Bitswap.nuspec'))).package.metadata
    $modules = Join-Path $work 'Modules'
    $installed = & "$PSScriptRoot/Install-TestPackage.ps1" -Package $package.FullName -Destination $modules
    $PowerShellHost = & (Join-Path $root 'docs/examples/Get-PowerShellHost.ps1')

    # a PowerShell that knows this folder of modules, and nothing of the repository
    function Invoke-Fresh([string] $Script) {
        $file = Join-Path $work "$([guid]::NewGuid().ToString('N')).ps1"
        Set-Content -LiteralPath $file -Value "`$ErrorActionPreference = 'Stop'; `$env:PSModulePath = '$($modules.Replace("'", "''"))'; $Script"
        $start = [Diagnostics.ProcessStartInfo]::new($PowerShellHost.FilePath, [string[]] (@($PowerShellHost.ArgumentList) + @('-NoProfile', '-NonInteractive', '-File', $file)))
        $start.WorkingDirectory = $work
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        try {
            $errors = $process.StandardError.ReadToEndAsync()
            $output = $process.StandardOutput.ReadToEnd()
            if (-not $process.WaitForExit(60000)) {
                $process.Kill($true)
                throw 'It did not end.'
            }

            if ($process.ExitCode -ne 0) {
                throw "It ended with code $($process.ExitCode). $($errors.Result)"
            }

            $output.TrimEnd().ReplaceLineEndings("`n") -split "`n"
        }
        finally {
            $process.Dispose()
        }
    }
}
AfterAll {
    Remove-Item -LiteralPath $work -Recurse -Force
}

Describe 'The package' {
    It 'is named by its id and version' {
        $package.Name | Should -Be "Bitswap.$($manifest.ModuleVersion).nupkg"
    }

    It 'has a nuspec that says what the manifest says' {
        $nuspec.id | Should -BeExactly 'Bitswap'
        $nuspec.version | Should -Be $manifest.ModuleVersion
        $nuspec.authors | Should -Be $manifest.Author
        $nuspec.description | Should -Be $manifest.Description
        $nuspec.copyright | Should -Be $manifest.Copyright
        $nuspec.license.type | Should -Be 'expression'
        $nuspec.license.InnerText | Should -Be 'MIT'
        $nuspec.licenseUrl | Should -Be $manifest.PrivateData.PSData.LicenseUri
        Join-Path $content $nuspec.icon | Should -Exist
        Join-Path $content $nuspec.readme | Should -Exist
    }

    It 'has the tags by which the gallery finds a module and its commands' {
        $tags = $nuspec.tags -split ' '
        $tags | Should -Contain 'PSModule'
        foreach ($tag in $manifest.PrivateData.PSData.Tags) { $tags | Should -Contain $tag }
        foreach ($name in $manifest.CmdletsToExport) { $tags | Should -Contain "PSCmdlet_$name" }
        $nuspec.tags.Length | Should -BeLessThan 4000
        $tags.Count | Should -Be @($tags | Sort-Object -Unique).Count
    }

    It 'has the notes of this version, and of no other' {
        $nuspec.releaseNotes | Should -Match '\w'
        $nuspec.releaseNotes | Should -Not -Match '(?m)^## '
        $nuspec.releaseNotes.Length | Should -BeLessThan 35000
    }

    It 'has the icon as a PNG of 128 by 128' {
        $bytes = [IO.File]::ReadAllBytes((Join-Path $content 'icon.png'))
        [Convert]::ToHexString($bytes, 0, 8) | Should -Be '89504E470D0A1A0A'
        [Convert]::ToHexString($bytes, 16, 8) | Should -Be '0000008000000080'
    }

    It 'names the type of every part' {
        $types = ([xml] (Get-Content -Raw -LiteralPath (Join-Path $content '[Content_Types].xml'))).Types
        foreach ($file in Get-ChildItem -LiteralPath $content -Recurse -File | Where-Object Name -NE '[Content_Types].xml') {
            $extension = $file.Extension.TrimStart('.')
            $name = '/' + [IO.Path]::GetRelativePath($content, $file.FullName).Replace('\', '/')
            ($types.Default.Extension -contains $extension -or $types.Override.PartName -contains $name) | Should -BeTrue -Because $name
        }
    }

    It 'holds the tree of a clone that was built, and what its licenses ask for' {
        foreach ($file in @('Bitswap.psd1', 'LICENSE', 'THIRD-PARTY-NOTICES.txt', $manifest.RootModule) + $manifest.FormatsToProcess) {
            Join-Path $installed $file | Should -Exist
        }

        $notices = Get-Content -Raw -LiteralPath (Join-Path $installed 'THIRD-PARTY-NOTICES.txt')
        foreach ($library in Get-ChildItem -LiteralPath (Join-Path $installed 'bin/Bitswap/deps') | Where-Object Name -NotLike 'Bitswap.*') {
            $notices | Should -Match ([regex]::Escape($library.Name))
        }
    }

    It 'holds no source, no symbols and nothing of tests' {
        Get-ChildItem -LiteralPath $content -Recurse -File | Where-Object Extension -In '.cs', '.csproj', '.pdb', '.json' | Should -BeNullOrEmpty
        Join-Path $content 'tests' | Should -Not -Exist
        Join-Path $content 'package' | Should -Not -Exist
    }

    It 'is smaller than 5 MB' {
        $package.Length | Should -BeLessThan 5MB
    }

    It 'is the same bytes when it is packed again' {
        $again = & (Join-Path $root 'src/Package/New-Package.ps1') -Destination (Join-Path $work 'again')
        (Get-FileHash $again).Hash | Should -Be (Get-FileHash $package).Hash
    }

    It 'has the version of the assemblies' {
        $assembly = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $installed 'bin/Bitswap/Bitswap.dll'))
        $assembly.Version.ToString(3) | Should -Be $manifest.ModuleVersion
    }
}

Describe 'The package, installed where nothing is known of the repository' {
    It 'is found, is valid, and moves a block' {
        $lines = Invoke-Fresh @'
$found = Get-Module -ListAvailable Bitswap
"$($found.Version) $($found.ModuleBase)"
$null = Test-ModuleManifest $found.Path
Import-Module Bitswap
$a = Start-BitswapNode
$b = Start-BitswapNode -Peer $a.Addresses[0]
$block = 'from a package' | Add-BitswapBlock -Node $a
Get-BitswapBlock $block.Cid -Node $b -AsString -TimeoutSeconds 20
(Get-Module Bitswap).ExportedCommands.Count
($block | Out-String).Trim() -split '\r?\n' | Select-Object -First 1
[AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -like 'Bitswap*' }).Location | Split-Path | Sort-Object -Unique
'@
        $lines[0] | Should -Be "$($manifest.ModuleVersion) $installed"
        $lines[1] | Should -Be 'from a package'
        [int] $lines[2] | Should -Be $manifest.CmdletsToExport.Count
        ($lines[3] -replace '\e\[[0-9;]*m') | Should -Match '^Cid +Size'
        $lines[4..($lines.Count - 1)] | ForEach-Object { $_ | Should -BeLike "$installed*" }
    }

    It 'has help' -Skip:(-not (Test-Path "$PSScriptRoot/../../docs/en-US/Bitswap.dll-Help.xml")) {
        $lines = Invoke-Fresh @'
Import-Module Bitswap
foreach ($name in (Get-Module Bitswap).ExportedCmdlets.Keys) {
    $help = Get-Help $name
    "$name`t$($help.Synopsis.Length -gt 0 -and $help.Synopsis -notmatch '\[<CommonParameters>\]')`t$($help.Examples.Example.Count -gt 0 -or (Get-Help $name -Examples | Out-String).Length -gt 0)"
}
'@
        $lines.Count | Should -Be $manifest.CmdletsToExport.Count
        $lines | Should -Not -Match "False"
    }

    It 'is taken by Save-PSResource from a folder of packages' -Skip:(-not (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet)) {
        $repository = "BitswapTest$([guid]::NewGuid().ToString('N'))"
        Register-PSResourceRepository -Name $repository -Uri $packages -Trusted
        try {
            $saved = New-Item -ItemType Directory -Path (Join-Path $work 'saved')
            (Find-PSResource Bitswap -Repository $repository).Version.ToString(3) | Should -Be $manifest.ModuleVersion
            Save-PSResource Bitswap -Repository $repository -Path $saved.FullName -TrustRepository
            Join-Path $saved "Bitswap/$($manifest.ModuleVersion)/Bitswap.psd1" | Should -Exist
            foreach ($source in @{ Path = $installed }, @{ NupkgPath = $package.FullName }) {
                $store = New-Item -ItemType Directory -Path (Join-Path $work "store-$($source.Keys)")
                Set-PSResourceRepository -Name $repository -Uri $store.FullName
                Publish-PSResource @source -Repository $repository
                Join-Path $store "Bitswap.$($manifest.ModuleVersion).nupkg" | Should -Exist
            }
        }
        finally {
            Unregister-PSResourceRepository -Name $repository
        }
    }
}

Describe 'Publishing the package' {
    BeforeAll { $publish = Join-Path $root 'src/Package/Publish-Package.ps1' }

    It 'is refused for a tag of another version' {
        { & $publish -Package $package -Tag 'v9.9.9' -WhatIf } | Should -Throw '*does not name the version*'
    }

    It 'does nothing without a key, and says so' {
        $kept = $env:GALLERY_KEY
        $env:GALLERY_KEY = $null
        try {
            & $publish -Package $package -Tag "v$($manifest.ModuleVersion)" | Should -BeLike '*is not published*'
        }
        finally {
            $env:GALLERY_KEY = $kept
        }
    }
}
