# README and docs/tasks.md show what the scripts in docs/examples do, and these are run.
BeforeDiscovery {
    $pages = 'README.md', 'docs/tasks.md' | ForEach-Object { Join-Path $PSScriptRoot "../../$_" }
    $shown = ($pages | ForEach-Object { [IO.File]::ReadAllText($_) }).Replace("`r`n", "`n") -join "`n"
    $snippets = @([regex]::Matches($shown, '(?s)```powershell\n(.*?)\n```').ForEach{ $_.Groups[1].Value } |
            Where-Object { $_ -notmatch '^\./build\.ps1' } | ForEach-Object { @{ Snippet = $_; First = ($_ -split '\n')[0] } })
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $examples = Join-Path $ModuleRoot 'docs/examples'

    # What stands between #region README and #endregion, without its indentation.
    $regions = foreach ($file in Get-ChildItem -LiteralPath $examples -Recurse -Filter *.ps1) {
        foreach ($match in [regex]::Matches([IO.File]::ReadAllText($file.FullName).Replace("`r`n", "`n"), '(?s)( *)#region README\n(.*?)\n *#endregion')) {
            $match.Groups[2].Value -replace "(?m)^$($match.Groups[1].Value)"
        }
    }

    $folder = New-TemporaryFolder
    $source = (New-Item -ItemType Directory (Join-Path $folder 'source/inner')).Parent.FullName
    Set-Content (Join-Path $source 'one.txt') 'one'
    Set-Content (Join-Path $source 'inner/two.txt') 'two'

    function Get-Tree([string] $Path) {
        Get-ChildItem -LiteralPath $Path -Recurse -File | ForEach-Object { "$([IO.Path]::GetRelativePath($Path, $_.FullName)) $((Get-FileHash -LiteralPath $_.FullName).Hash)" } | Sort-Object
    }
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'README and the page of tasks' {
    It 'shows "<First>" as a script has it' -ForEach $snippets {
        $Snippet | Should -BeIn $regions
    }

    It 'shows each region' {
        $shown = ('README.md', 'docs/tasks.md' | ForEach-Object { [IO.File]::ReadAllText((Join-Path $RepositoryRoot $_)) }).Replace("`r`n", "`n") -join "`n"
        foreach ($region in $regions) {
            $shown.Contains("``````powershell`n$region`n``````") | Should -BeTrue -Because $region
        }
    }

    It 'names every cmdlet, and no other' {
        $table = [IO.File]::ReadAllText((Join-Path $RepositoryRoot 'docs/tasks.md')) -replace '(?s)^.*\n## Cmdlets\n|\n## .*$'
        $named = [regex]::Matches($table, '`(\w+-Bitswap\w+)`').ForEach{ $_.Groups[1].Value } | Sort-Object
        $named | Should -Be ((Import-PowerShellDataFile -LiteralPath $ManifestPath).CmdletsToExport | Sort-Object)
    }

    It 'links to what there is: <_>' -ForEach 'README.md', 'docs/tasks.md', 'docs/service.md', 'docs/architecture.md', 'docs/CONTRIBUTING.md', 'docs/decisions/README.md' {
        $page = Join-Path $RepositoryRoot $_
        foreach ($link in [regex]::Matches([IO.File]::ReadAllText($page), '\]\((?!https?:|#)([^)#]+)')) {
            Join-Path (Split-Path $page) $link.Groups[1].Value | Should -Exist
        }
    }

    It 'is short' {
        [IO.File]::ReadAllLines((Join-Path $RepositoryRoot 'README.md')).Count | Should -BeLessOrEqual 80
    }
}

Describe 'The example' {
    AfterEach { Clear-Nodes }

    It 'Hello' {
        Push-Location $ModuleRoot
        try {
            "$((& "$examples/Hello.ps1").Cid)" | Should -Be 'bafkreiehptuz2iadpbe6nxo2kaoqsjjxygcsofj52jshua3pbmvtfnbxoy'
        }
        finally {
            Pop-Location
        }
    }

    It 'Share and Fetch' {
        $offer = & "$examples/Share.ps1" $source
        $destination = (New-Item -ItemType Directory (Join-Path $folder 'fetched')).FullName
        $shown = & "$examples/Fetch.ps1" $offer.Address $offer.Cid $destination | Out-String -Width 80
        $shown | Should -Match '(?m)^Type +Size +Cid +Path' -Because 'a column that has no room is left out, and the size is what is asked for'
        Get-Tree (Join-Path $destination $offer.Cid) | Should -Be (Get-Tree $source)
    }

    It 'ShareThroughRelay' {
        $relay = Start-BitswapNode -Relay -WarningAction Ignore
        $link = & "$examples/ShareThroughRelay.ps1" $source -Relay "$($relay.Addresses[0])" 3>$null
        "$link" | Should -Match 'p2p-circuit'
        $destination = (New-Item -ItemType Directory (Join-Path $folder 'relayed')).FullName
        Save-BitswapFile $link $destination -Name source -Node (Start-BitswapNode reader) | Out-Null
        Get-Tree (Join-Path $destination 'source') | Should -Be (Get-Tree $source)
    }

    It 'ShareWithClass' {
        $on = @{ Option = @{ DiscoverOn = Get-Loopback }; WarningAction = 'Ignore' }
        $link = & "$examples/ShareWithClass.ps1" $source -ListenAddress /ip4/127.0.0.1/tcp/0 -NodeParameter $on
        $pupils = 1..3 | ForEach-Object { Start-BitswapNode "pupil$_" -Discover Lan @on }
        foreach ($pupil in $pupils) {
            $destination = (New-Item -ItemType Directory (Join-Path $folder $pupil.Name)).FullName
            Save-BitswapFile $link $destination -Name source -Node $pupil | Out-Null
            Get-Tree (Join-Path $destination 'source') | Should -Be (Get-Tree $source)
        }
    }

    It 'Share, of a name with brackets' {
        $file = Join-Path $folder 'report [1].pdf'
        [IO.File]::WriteAllText($file, 'report')
        $offer = & "$examples/Share.ps1" $file
        (Get-BitswapContent $offer.Cid -AsString -Node (Get-BitswapNode)) | Should -Be 'report'
    }

    It 'Fetch, into a folder that is not there' {
        $offer = & "$examples/Share.ps1" $source
        & "$examples/Fetch.ps1" $offer.Address $offer.Cid (Join-Path $folder 'downloads') | Out-Null
        Get-Tree (Join-Path $folder "downloads/$($offer.Cid)") | Should -Be (Get-Tree $source)
    }

    It 'Artifact, by names of folders in the current one' {
        Push-Location -LiteralPath $folder
        try {
            $cid = & "$examples/Artifact.ps1" -Repository ./bare -Output source
            & "$examples/Artifact.ps1" -Repository ./bare -Cid $cid -Destination restored-here
            Get-Tree (Join-Path $folder 'restored-here') | Should -Be (Get-Tree $source)
        }
        finally {
            Pop-Location
        }
    }

    It 'Artifact, from the cached folder and from a peer' {
        $repository = Join-Path $folder 'cache'
        $cid = & "$examples/Artifact.ps1" -Repository $repository -Output $source
        & "$examples/Artifact.ps1" -Repository $repository -Cid $cid -Destination (Join-Path $folder 'restored')
        Get-Tree (Join-Path $folder 'restored') | Should -Be (Get-Tree $source)
        $builder = Start-BitswapNode -Path $repository
        & "$examples/Artifact.ps1" -Repository (Join-Path $folder 'empty') -Cid $cid -Destination (Join-Path $folder 'remote') -Address "$($builder.Addresses[0])"
        Get-Tree (Join-Path $folder 'remote') | Should -Be (Get-Tree $source)
    }

    It 'MirrorCid, which goes on serving when the source is gone' {
        $offer = & "$examples/Share.ps1" $source
        $mirror = & "$examples/MirrorCid.ps1" $offer.Address $offer.Cid -Repository (Join-Path $folder 'mirror')
        Get-BitswapNode | Where-Object PeerId -NE $mirror.PeerId | Stop-BitswapNode
        "$((Get-BitswapPin -Node $mirror).Cid)" | Should -Be $offer.Cid
        $destination = (New-Item -ItemType Directory (Join-Path $folder 'mirrored')).FullName
        & "$examples/Fetch.ps1" "$($mirror.Addresses[0])" $offer.Cid $destination | Out-Null
        Get-Tree (Join-Path $destination $offer.Cid) | Should -Be (Get-Tree $source)
    }

    It 'VerifyDownload, of what is and of what is not' {
        $file = Join-Path $source 'one.txt'
        $cid = "$((Get-BitswapCid -Path $file -Profile unixfs-v0-2015).Cid)"
        & "$examples/VerifyDownload.ps1" $file $cid -UnixFsProfile unixfs-v0-2015 | Should -BeTrue
        & "$examples/VerifyDownload.ps1" (Join-Path $source 'inner/two.txt') $cid -UnixFsProfile unixfs-v0-2015 | Should -BeFalse
    }

    It 'ci, whose second job gets what the first made, and nothing else' {
        $car = Join-Path $folder 'artifact.car'
        $cid = & "$examples/ci/Publish.ps1" $source $car
        & "$examples/ci/Restore.ps1" $car $cid (Join-Path $folder 'used')
        Get-Tree (Join-Path $folder 'used') | Should -Be (Get-Tree $source)
        $bytes = [IO.File]::ReadAllBytes($car)
        $bytes[-1] = $bytes[-1] -bxor 1
        [IO.File]::WriteAllBytes($car, $bytes)
        { & "$examples/ci/Restore.ps1" $car $cid (Join-Path $folder 'harmed') } | Should -Throw
    }

    It 'KuboStore' {
        $blocks = Join-Path $folder 'blocks'
        $keeper = Start-BitswapNode -BlockStore $blocks -CreateStore
        $block = 'kept by Kubo' | Add-BitswapBlock -Node $keeper
        Stop-BitswapNode $keeper
        $sum, $node = & "$examples/KuboStore.ps1" $blocks
        $sum.Count | Should -Be 1
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        Get-BitswapBlock $block.Cid -Node $client -AsString | Should -Be 'kept by Kubo'
    }

    It 'KuboStore, with a typing mistake' {
        (Get-Failure { & "$examples/KuboStore.ps1" (Join-Path $folder 'blcoks') }).FullyQualifiedErrorId | Should -BeLike 'StoreNotFound,*'
        Join-Path $folder 'blcoks' | Should -Not -Exist
    }

    It 'FolderStore' {
        $blocks = (New-Item -ItemType Directory (Join-Path $folder 'store')).FullName
        . "$examples/FolderStore.ps1"
        $node = Start-BitswapNode -BlockStore ([FolderStore]::new($blocks))
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        $block = 'in a store of my own' | Add-BitswapBlock -Node $node
        Get-BitswapBlock $block.Cid -Node $client -AsString | Should -Be 'in a store of my own'
        @(Get-BitswapBlock -Local -Node $node).Count | Should -Be 1
        Remove-BitswapBlock $block.Cid -Node $node
        Test-BitswapBlock $block.Cid -Node $node | Should -BeFalse
    }

    It 'Tour' {
        $all = & "$examples/Tour.ps1" -Repository (Join-Path $folder 'tour')
        ($all | Where-Object { $_ -is [Bitswap.BitswapWant] }).State | Should -Be 'Received'
        @($all | Where-Object { $_ -is [Bitswap.BitswapCidInfo] }).Count | Should -Be 2
    }

    It 'Tour, with a file that is no block' {
        $big = Join-Path $folder 'big'
        [IO.File]::WriteAllBytes($big, [byte[]]::new(5MB))
        $all = & "$examples/Tour.ps1" -Repository (Join-Path $folder 'tour2') -File $big
        ($all | Where-Object { $_ -is [Bitswap.BitswapCidInfo] -and $_.Path -eq $big }).Size | Should -Be 5MB
    }

    It 'Demo, whose provider is a process of its own that ends when it is told' {
        $lines = & "$examples/Demo.ps1" -Path (Join-Path $source 'one.txt')
        $lines[-1] | Should -BeLike 'SHA-256:*(the same at both ends)'
    }

    It '<_>' -ForEach 'Fixture.Tests.ps1' {
        # in a process of its own: Pester does not run within itself, and need not be installed
        $pester = (Get-Module Pester).Path
        $run = "Import-Module '$pester'; `$run = Invoke-Pester -Path '$examples/$_' -PassThru -Output None; `"`$(`$run.PassedCount) `$(`$run.FailedCount + `$run.FailedBlocksCount + `$run.FailedContainersCount)`""
        $passed, $failed = (& $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $run | Select-Object -Last 1) -split ' '
        [int] $passed | Should -BeGreaterThan 0
        [int] $failed | Should -Be 0
    }
}
